import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { Button, Chip, Empty, Link, MoreList, Page as Frame, SidePage, TimeAt, useNameFilter } from "@/components/ui";
import { useCan } from "@/lib/can";
import { useText } from "@/lib/i18n";
import { type Product, useProducts } from "../api.ts";
import { NewProduct } from "../components/ProductForm.tsx";
import { useScopeNames } from "../components/Scope.tsx";

/** The programs that submit notifications, and what each may do. */
export function Page() {
  const t = useText("product");
  const can = useCan();
  const named = useNameFilter();
  const [adding, setAdding] = useState(false);
  const navigate = useNavigate();
  const add = can("product.create") && <Button type="primary" onClick={() => setAdding(true)}>{t("add")}</Button>;
  return (
    <Frame title={t("title")} tools={add}>
      {named.bar}
      <MoreList list={useProducts(named.filter)} label={t("title")} columns={useColumns()} id={(row) => row.id} empty={named.orEmpty(<Empty text={t("empty")}>{add}</Empty>)} />
      <SidePage open={adding} title={t("add")} onClose={() => setAdding(false)}>
        <NewProduct onClose={() => setAdding(false)} onMade={(id) => void navigate({ to: `/platform/products/${id}` as "." })} />
      </SidePage>
    </Frame>
  );
}

function useColumns() {
  const t = useText("product");
  const names = useScopeNames();
  return [
    { key: "name", title: t("name"), cell: (row: Product) => <Link to={`/platform/products/${row.id}`}>{row.display_name ? `${row.display_name} (${row.name})` : row.name}</Link> },
    { key: "types", title: t("types"), cell: (row: Product) => names.types(row.types) },
    { key: "accounts", title: t("accounts"), cell: (row: Product) => names.accounts(row.accounts) },
    { key: "state", title: t("state"), cell: (row: Product) => <Chip tone={row.enabled ? "good" : "neutral"}>{row.enabled ? t("enabled") : t("disabled")}</Chip> },
    { key: "created", title: t("created"), cell: (row: Product) => <TimeAt at={row.created_at} /> },
  ];
}

import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { Chip, Facts, Link, Loaded, Page as Frame, TimeAt } from "@/components/ui";
import { KeyList } from "@/features/credential/components/KeyList.tsx";
import { type Product, useProduct } from "@/features/product/api.ts";
import { EditProduct } from "@/features/product/components/ProductForm.tsx";
import { useScopeNames } from "@/features/product/components/Scope.tsx";
import { useCan } from "@/lib/can";
import { useText } from "@/lib/i18n";
import { Panel } from "./Panel.tsx";

/** One product: what it may do, and its keys. */
export function Page() {
  const t = useText("product");
  const { id } = useParams({ strict: false }) as { id: string };
  const query = useProduct(id);
  const title = query.data && (query.data.display_name || query.data.name);
  return (
    <Frame title={title ?? t("title")} tools={<Link to="/platform/products">{t("title")}</Link>}>
      <Loaded query={query}>{(product) => <Opened product={product} />}</Loaded>
    </Frame>
  );
}

function Opened({ product }: { product: Product }) {
  const t = useText("product");
  const can = useCan();
  const names = useScopeNames();
  const [round, setRound] = useState(0);
  return (
    <>
      <Panel title={t("edit")}>
        <Facts
          items={[
            [t("name"), product.name],
            [t("state"), <Chip key="state" tone={product.enabled ? "good" : "neutral"}>{product.enabled ? t("enabled") : t("disabled")}</Chip>],
            ...(can("product.update") ? [] : ([[t("types"), names.types(product.types)], [t("accounts"), names.accounts(product.accounts)]] as const)),
            [t("created"), <TimeAt key="made" at={product.created_at} />],
            [t("id"), <code key="id">{product.id}</code>],
          ]}
        />
        {can("product.update") && <EditProduct key={round} product={product} onSaved={() => setRound((now) => now + 1)} />}
        {can("operation.list") && <Link to={`/operations?object_id=${product.id}`}>{t("log")}</Link>}
      </Panel>
      {can("product_key.list") && (
        <Panel title={t("keys")}>
          <KeyList whose={product.id} />
        </Panel>
      )}
    </>
  );
}

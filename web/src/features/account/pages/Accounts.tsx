import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { Button, Chip, Empty, Link, MoreList, Page as Frame, SecretOnce, SidePage, TimeAt, useNameFilter } from "@/components/ui";
import { useCan } from "@/lib/can";
import { languages, useText } from "@/lib/i18n";
import { type Account, useAccounts } from "../api.ts";
import { NewAccount } from "../components/NewAccount.tsx";

/** All accounts of the platform. */
export function Page() {
  const t = useText("account");
  const can = useCan();
  const named = useNameFilter();
  const navigate = useNavigate();
  const [adding, setAdding] = useState(false);
  const [made, setMade] = useState<{ id: string; password: string }>();
  const add = can("account.create") && <Button type="primary" onClick={() => setAdding(true)}>{t("add")}</Button>;
  return (
    <Frame title={t("title")} tools={add}>
      {named.bar}
      <MoreList list={useAccounts(named.filter)} label={t("title")} columns={useColumns()} id={(row) => row.id} empty={named.orEmpty(<Empty text={t("empty")}>{add}</Empty>)} />
      <SidePage open={adding} title={t("add")} onClose={() => setAdding(false)}>
        <NewAccount onClose={() => setAdding(false)} onMade={(account, password) => (setAdding(false), setMade({ id: account.id, password }))} />
      </SidePage>
      <SecretOnce secret={made?.password} title={t("rootPassword")} onClose={() => void navigate({ to: `/platform/accounts/${made?.id}` as "." })} />
    </Frame>
  );
}

function useColumns() {
  const t = useText("account");
  return [
    { key: "name", title: t("name"), cell: (row: Account) => <Link to={`/platform/accounts/${row.id}`}>{row.name}</Link> },
    { key: "alias", title: t("alias"), cell: (row: Account) => row.alias },
    { key: "language", title: t("language"), cell: (row: Account) => languages[row.language as "en-US"] ?? row.language },
    { key: "zone", title: t("zone"), cell: (row: Account) => row.time_zone },
    { key: "state", title: t("state"), cell: (row: Account) => <Chip tone={row.enabled ? "good" : "neutral"}>{row.enabled ? t("enabled") : t("disabled")}</Chip> },
    { key: "created", title: t("created"), cell: (row: Account) => <TimeAt at={row.created_at} /> },
  ];
}

import { useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { Button, Chip, Empty, Link, Loaded, MoreList, Page as Frame, SidePage, TimeAt, useNameFilter } from "@/components/ui";
import { useCan } from "@/lib/can";
import { useText } from "@/lib/i18n";
import { type Operator, type Role, useOperator, useOperators } from "../api.ts";
import { NewOperator } from "../components/NewOperator.tsx";
import { OperatorDetails } from "../components/OperatorDetails.tsx";

/** Who runs the platform, and what each of them may do. */
export function Page() {
  const t = useText("operator");
  const can = useCan();
  const named = useNameFilter();
  const { id } = useParams({ strict: false }) as { id?: string };
  const [adding, setAdding] = useState(false);
  const navigate = useNavigate();
  const to = (path: string) => void navigate({ to: path as "." });
  const made = (operator: string) => {
    setAdding(false);
    to(`/platform/operators/${operator}`);
  };
  return (
    <Frame title={t("title")} tools={can("operator.create") && <Button type="primary" onClick={() => setAdding(true)}>{t("add")}</Button>}>
      {named.bar}
      <MoreList list={useOperators(named.filter)} label={t("title")} columns={useColumns()} id={(row) => row.id} empty={named.orEmpty(<Empty text={t("empty")} />)} />
      <SidePage open={adding} title={t("add")} onClose={() => setAdding(false)}>
        <NewOperator onClose={() => setAdding(false)} onMade={made} />
      </SidePage>
      {id && <OperatorSide id={id} onClose={() => to("/platform/operators")} />}
    </Frame>
  );
}

function useColumns() {
  const t = useText("operator");
  return [
    { key: "name", title: t("name"), cell: (row: Operator) => <Link to={`/platform/operators/${row.id}`}>{row.name}</Link> },
    { key: "display", title: t("displayName"), cell: (row: Operator) => row.display_name || "–" },
    { key: "roles", title: t("roles"), cell: (row: Operator) => row.roles.map((role) => t(`role.${role as Role}`, { defaultValue: role })).join(", ") },
    { key: "state", title: t("state"), cell: (row: Operator) => <Chip tone={row.enabled ? "good" : "neutral"}>{row.enabled ? t("enabled") : t("disabled")}</Chip> },
    { key: "created", title: t("created"), cell: (row: Operator) => <TimeAt at={row.created_at} /> },
  ];
}

function OperatorSide({ id, onClose }: { id: string; onClose: () => void }) {
  const t = useText("operator");
  const query = useOperator(id);
  return (
    <SidePage open title={query.data?.name ?? t("operator")} onClose={onClose}>
      <Loaded query={query}>{(operator) => <OperatorDetails operator={operator} onDeleted={onClose} />}</Loaded>
    </SidePage>
  );
}

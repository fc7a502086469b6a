import { useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { Button, Chip, Empty, Facts, Link, Loaded, MoreList, Page as Frame, SidePage, TimeAt } from "@/components/ui";
import { KeyList } from "@/features/credential/components/KeyList.tsx";
import { SessionList } from "@/features/credential/components/SessionList.tsx";
import { counting, type Role, type User, useGrants, useUser, useUsers } from "@/features/user/api.ts";
import { Grants } from "@/features/user/components/Grants.tsx";
import { NewUser } from "@/features/user/components/NewUser.tsx";
import { UserActions } from "@/features/user/components/UserActions.tsx";
import { useCan } from "@/lib/can";
import { useText } from "@/lib/i18n";
import { Panel } from "./Panel.tsx";

/** The sub-users of the account: what they may do, where they are signed in. */
export function Page() {
  const t = useText("user");
  const can = useCan();
  const { id } = useParams({ strict: false }) as { id?: string };
  const [adding, setAdding] = useState(false);
  const navigate = useNavigate();
  const to = (path: string) => void navigate({ to: path as "." });
  const made = (user: string) => {
    setAdding(false);
    to(`/users/${user}`);
  };
  return (
    <Frame title={t("title")} tools={can("user.create") && <Button type="primary" onClick={() => setAdding(true)}>{t("add")}</Button>}>
      <MoreList list={useUsers()} label={t("list")} columns={useColumns()} id={(row) => row.id} empty={<Empty text={t("empty")} />} />
      <NewUser open={adding} onClose={() => setAdding(false)} onMade={made} />
      {id && <UserSide id={id} onClose={() => to("/users")} />}
    </Frame>
  );
}

function useColumns() {
  const t = useText("user");
  const grants = useGrants().data;
  const of = (row: User) => counting(grants ?? [], new Date()).filter((each) => each.user_id === row.id);
  return [
    { key: "name", title: t("name"), cell: (row: User) => <Link to={`/users/${row.id}`}>{row.name}</Link> },
    { key: "display", title: t("displayName"), cell: (row: User) => row.display_name || "–" },
    { key: "state", title: t("state"), cell: (row: User) => <Chip tone={row.enabled ? "good" : "neutral"}>{row.enabled ? t("enabled") : t("disabled")}</Chip> },
    ...(grants ? [{ key: "role", title: t("roleLabel"), cell: (row: User) => (row.kind === "root" ? t("root") : of(row).map((each) => t(`role.${each.role as Role}`, { defaultValue: each.role })).join(", ") || t("noRole")) }] : []),
    { key: "created", title: t("created"), cell: (row: User) => <TimeAt at={row.created_at} /> },
  ];
}

function UserSide({ id, onClose }: { id: string; onClose: () => void }) {
  const t = useText("user");
  const query = useUser(id);
  return (
    <SidePage open title={query.data?.name ?? t("user")} onClose={onClose}>
      <Loaded query={query}>{(user) => <Opened user={user} onDeleted={onClose} />}</Loaded>
    </SidePage>
  );
}

function Opened({ user, onDeleted }: { user: User; onDeleted: () => void }) {
  const t = useText("user");
  const can = useCan();
  const sub = user.kind === "sub";
  return (
    <div className="b-user">
      <Facts items={[[t("displayName"), user.display_name], [t("state"), user.enabled ? t("enabled") : t("disabled")], [t("created"), <TimeAt key="created" at={user.created_at} />], [t("id"), <code key="id">{user.id}</code>]]} />
      {sub && <UserActions user={user} onDeleted={onDeleted} />}
      {sub && can("grant.list") && <Panel title={t("grants")}><Grants user={user.id} /></Panel>}
      {can("user_session.list") && <Panel title={t("sessions")}><SessionList whose={user.id} /></Panel>}
      {can("user_key.list") && <Panel title={t("keys")}><KeyList whose={user.id} /></Panel>}
      {can("operation.list") && <Link to={`/operations?actor=${user.id}`}>{t("operations")}</Link>}
    </div>
  );
}

import { useState } from "react";
import { Button, Chip, Empty, Icon, Link, MoreList, type Tone } from "@/components/ui";
import { useCan } from "@/lib/can";
import { useText } from "@/lib/i18n";
import { useNames } from "@/lib/names";
import { type Address, type Filter, type Recipient, useRecipients, waivable } from "../api.ts";
import { EditDetails } from "./EditDetails.tsx";
import { Waive } from "./Waive.tsx";

const tones: Record<Address["state"], Tone> = { pending: "info", verified: "good", failed: "bad", expired: "warn", waived: "good" };

/** Contacts of accounts, and what an operator does to them. */
export function RecipientList({ filter, onClear }: { filter: Filter; onClear?: () => void }) {
  const t = useText("usercontact");
  const [waiving, setWaiving] = useState<Recipient>();
  const [editing, setEditing] = useState<Recipient>();
  const columns = useColumns(filter.account_id === undefined, setWaiving, setEditing);
  return (
    <>
      <MoreList list={useRecipients(filter)} label={t("title")} columns={columns} id={(row) => row.id} empty={<Empty text={onClear ? t("emptyFilter") : t("empty")}>{onClear && <Button onClick={onClear}>{t("clear")}</Button>}</Empty>} />
      {waiving && <Waive recipient={waiving} onClose={() => setWaiving(undefined)} />}
      {editing && <EditDetails who={{ account: editing.account.id, user: editing.user_id }} name={editing.name} onClose={() => setEditing(undefined)} />}
    </>
  );
}

function useColumns(accounts: boolean, onWaive: (row: Recipient) => void, onEdit: (row: Recipient) => void) {
  const t = useText("usercontact");
  const can = useCan();
  const account = { key: "account", title: t("account"), cell: (row: Recipient) => <Link to={`/platform/accounts/${row.account.id}`}>{row.account.name}</Link> };
  const actions = (row: Recipient) => (
    <span className="b-actions">
      {can("user_contact.waive") && waivable(row).length > 0 && <Button size="small" onClick={() => onWaive(row)}>{t("waive")}</Button>}
      {can("user_contact.update") && row.user_id && <Button size="small" onClick={() => onEdit(row)}>{t("edit")}</Button>}
    </span>
  );
  return [
    { key: "name", title: t("name"), cell: (row: Recipient) => <span className="b-name">{row.name}{row.kind === "account" && <Chip tone="info" icon="star">{t("accountContact")}</Chip>}</span> },
    ...(accounts ? [account] : []),
    { key: "user", title: t("user"), cell: (row: Recipient) => (row.user ? <span><Icon name="user" /> {row.user.display_name || row.user.name}</span> : "–") },
    { key: "addresses", title: t("addresses"), cell: (row: Recipient) => <Addresses recipient={row} /> },
    { key: "do", title: "", cell: actions },
  ];
}

function Addresses({ recipient }: { recipient: Recipient }) {
  const t = useText("usercontact");
  const names = useNames();
  return (
    <ul className="b-lines">
      {recipient.addresses.map((each) => (
        <li key={each.id} className="b-inline">
          <span className="b-hint">{names.channel(each.channel)}</span> <bdi>{each.value}</bdi> <Chip tone={tones[each.state]}>{t(`state.${each.state}`)}</Chip>
        </li>
      ))}
    </ul>
  );
}

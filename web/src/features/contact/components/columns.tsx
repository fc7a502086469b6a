import { useNavigate } from "@tanstack/react-router";
import { Button, Chip, Icon, Link } from "@/components/ui";
import { useCan } from "@/lib/can";
import { useText } from "@/lib/i18n";
import { useNames } from "@/lib/names";
import { type Contact, usePositions } from "../api.ts";
import { AddressState } from "./AddressState.tsx";

type Selected = ReadonlySet<string>;

/** The columns of the list of contacts. */
export function useColumns(selected: Selected, onSelect: (selected: Selected) => void, search: Record<string, string | undefined>) {
  const t = useText("contact");
  const can = useCan();
  const positions = usePositions();
  const batch = can("contact.batch");
  const toggle = (id: string) => onSelect(selected.has(id) ? new Set([...selected].filter((each) => each !== id)) : new Set([...selected, id]));
  const query = new URLSearchParams(Object.entries(search).filter((each): each is [string, string] => Boolean(each[1]))).toString();
  const columns = [
    { key: "name", title: t("name"), cell: (row: Contact) => <Name contact={row} to={`/contacts/${row.id}${query && `?${query}`}`} /> },
    { key: "position", title: t("position"), cell: (row: Contact) => positions.find((each) => each.value === row.position)?.label ?? row.position },
    { key: "addresses", title: t("addresses"), cell: (row: Contact) => <Addresses contact={row} /> },
    { key: "groups", title: t("groups"), cell: (row: Contact) => row.groups.map((each) => each.name).join(", ") },
    { key: "enabled", title: t("enabledColumn"), cell: (row: Contact) => <Chip tone={row.enabled ? "good" : "neutral"}>{row.enabled ? t("enabled") : t("disabled")}</Chip> },
    { key: "do", title: t("actions"), cell: (row: Contact) => <Actions contact={row} /> },
  ];
  if (!batch) return columns;
  const box = (row: Contact) =>
    row.kind === "account" ? null : (
      <label className="b-box">
        <input type="checkbox" aria-label={t("select", { name: row.name })} checked={selected.has(row.id)} onChange={() => toggle(row.id)} />
      </label>
    );
  return [{ key: "select", title: "", cell: box, width: "3rem" }, ...columns];
}

function Name({ contact, to }: { contact: Contact; to: string }) {
  const t = useText("contact");
  return (
    <span className="b-name">
      <Link to={to}>{contact.name}</Link>
      {contact.kind === "account" && (
        <Chip tone="info" icon="star">
          {t("accountContact")}
        </Chip>
      )}
      {contact.user_id && (
        <Chip tone="neutral" icon="user">
          {t("linked")}
        </Chip>
      )}
    </span>
  );
}

function Addresses({ contact }: { contact: Contact }) {
  const names = useNames();
  return (
    <ul className="b-lines">
      {contact.addresses.map((address) => (
        <li key={address.id}>
          <span className="b-hidden">{names.channel(address.channel)}</span>
          <bdi>{address.value}</bdi> <AddressState address={address} />
        </li>
      ))}
    </ul>
  );
}

/** What can be done to one contact; the account contact is the root user's. */
function Actions({ contact }: { contact: Contact }) {
  const t = useText("contact");
  const can = useCan();
  const navigate = useNavigate();
  const right = contact.kind === "account" ? "account.contact_update" : "contact.update";
  const open = (tab: string) => void navigate({ to: `/contacts/${contact.id}` as ".", search: { tab } as never });
  return (
    <span className="b-actions">
      {can(right) && (
        <Button size="small" onClick={() => open("edit")} aria-label={t("editOne", { name: contact.name })}>
          <Icon name="settings" /> {t("edit")}
        </Button>
      )}
    </span>
  );
}

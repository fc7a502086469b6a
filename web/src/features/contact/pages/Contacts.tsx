import "../contact.css";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { anyText, Button, ChoiceFilter, Empty, FilterBar, MoreList, Page as Frame, SearchFilter, Tooltip, useFilters, word } from "@/components/ui";
import { useCan } from "@/lib/can";
import { useText } from "@/lib/i18n";
import { useNames } from "@/lib/names";
import { usePoll } from "@/lib/poll";
import { type AddressState, type Contact, type ContactFilter, useAccountContact, useContacts, useLimit } from "../api.ts";
import { BatchBar } from "../components/BatchBar.tsx";
import { useColumns } from "../components/columns.tsx";
import { ContactSide } from "../components/ContactSide.tsx";
import { NewContact } from "../components/NewContact.tsx";
import { addressStates, waits } from "../components/states.ts";

const schema = { q: anyText, state: addressStates, channel: word, enabled: ["true", "false"], new: ["1"] } as const;

/** The people of the account that can be reached, and the account itself. */
export function Page() {
  const t = useText("contact");
  const { id } = useParams({ strict: false }) as { id?: string };
  const { filters, set, clear } = useFilters(schema);
  const filter: ContactFilter = {
    ...(filters.q && { q: filters.q }),
    ...(filters.state && { state: filters.state as AddressState }),
    ...(filters.channel && { channel: filters.channel }),
    ...(filters.enabled && { enabled: filters.enabled as "true" | "false" }),
  };
  const any = Object.keys(filter).length > 0;
  const list = useContacts(filter);
  const rows = usePinned(list.rows, any);
  usePoll(["contact"], rows.some(waits));
  const navigate = useNavigate();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const columns = useColumns(selected, setSelected, filters);
  const people = list.rows.filter((each) => each.kind !== "account").length;
  return (
    <Frame title={t("title")} tools={<Add count={any || list.hasMore ? undefined : people} onAdd={() => set({ new: "1" })} />}>
      <ContactFilters filters={filters} set={set} any={any} clear={clear} />
      <BatchBar selected={selected} onSelect={setSelected} rows={list.rows} />
      <MoreList
        list={{ ...list, rows }}
        label={t("title")}
        id={(row) => row.id}
        rowClass={(row) => (row.enabled ? undefined : "b-off")}
        columns={columns}
        empty={
          <Empty text={any ? t("emptyFilter") : t("empty")}>
            {any && <Button onClick={clear}>{t("clear")}</Button>}
          </Empty>
        }
      />
      {!any && !list.pending && people === 0 && <p className="b-hint">{t("nobody")}</p>}
      {id && <ContactSide id={id} onClose={() => void navigate({ to: "/contacts" as ".", search: filters as never })} />}
      <NewContact open={filters.new === "1"} onClose={() => set({ new: undefined })} />
    </Frame>
  );
}

/** The account contact stands first, where no filter says otherwise. */
function usePinned(rows: Contact[], filtered: boolean): Contact[] {
  const account = useAccountContact().data;
  if (filtered || !account) return rows;
  return [account, ...rows.filter((each) => each.kind !== "account")];
}

/** The button that adds a contact; at the limit it says what the limit is, and who raises it. */
function Add({ count, onAdd }: { count: number | undefined; onAdd: () => void }) {
  const t = useText("contact");
  const can = useCan();
  const limit = useLimit();
  const full = count !== undefined && limit !== undefined && count >= limit;
  return (
    <>
      {count !== undefined && limit !== undefined && <span className="b-count">{t("used", { n: count, limit })}</span>}
      {can("contact.create") && (
        <Tooltip title={full ? t("full", { limit }) : undefined} trigger={["hover", "focus"]}>
          <Button type="primary" aria-disabled={full || undefined} onClick={() => !full && onAdd()}>
            {t("add")}
          </Button>
        </Tooltip>
      )}
      {full && can("contact.create") && <span className="b-hint">{t("full", { limit })}</span>}
    </>
  );
}

interface Bar {
  filters: Partial<Record<keyof typeof schema, string>>;
  set: (change: Partial<Record<keyof typeof schema, string>>) => void;
  any: boolean;
  clear: () => void;
}

function ContactFilters({ filters, set, any, clear }: Bar) {
  const t = useText("contact");
  const names = useNames();
  const channels = names.channels.filter((each) => !each.bots && each.channel !== "inbox");
  return (
    <FilterBar any={any} onClear={clear}>
      <SearchFilter label={t("search")} value={filters.q} onChange={(q) => set({ q })} />
      <ChoiceFilter label={t("anyState")} value={filters.state} onChange={(state) => set({ state })} options={addressStates.map((value) => ({ value, label: t(`state.${value}`) }))} />
      <ChoiceFilter label={t("anyChannel")} value={filters.channel} onChange={(channel) => set({ channel })} options={channels.map((each) => ({ value: each.channel, label: names.channel(each.channel) }))} />
      <ChoiceFilter label={t("onOrOff")} value={filters.enabled} onChange={(enabled) => set({ enabled })} options={[{ value: "true", label: t("enabled") }, { value: "false", label: t("disabled") }]} />
    </FilterBar>
  );
}

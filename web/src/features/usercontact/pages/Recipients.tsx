import { useCallback, useMemo } from "react";
import { anyText, ChoiceFilter, FilterBar, Page as Frame, SearchFilter, useFilters, word } from "@/components/ui";
import { useText } from "@/lib/i18n";
import { useNames } from "@/lib/names";
import type { Filter } from "../api.ts";
import { useAccountChoices } from "../api.ts";
import { RecipientList } from "../components/RecipientList.tsx";

const states = ["pending", "verified", "failed", "expired", "waived"] as const;
const schema = { account_id: word, user_id: word, address: anyText, q: anyText, state: states, channel: word };

/** The contacts of all accounts; what is searched beside an address needs the account. */
export function Page() {
  const t = useText("usercontact");
  const names = useNames();
  const { filters, set, clear, any } = useFilters(schema);
  const accounts = useAccountChoices();
  const within = filters.account_id !== undefined;
  const asked = JSON.stringify(filters);
  const filter = useMemo(() => JSON.parse(asked) as Filter, [asked]);
  const address = useCallback((value: string) => set({ address: value }), [set]);
  const search = useCallback((q: string) => set({ q }), [set]);
  const known = accounts.some((each) => each.id === filters.account_id);
  const choices = [...accounts.map((each) => ({ value: each.id, label: `${each.name} (${each.alias})` })), ...(within && !known ? [{ value: filters.account_id ?? "", label: filters.account_id ?? "" }] : [])];
  const channels = names.channels.filter((each) => !each.bots && each.channel !== "inbox");
  return (
    <Frame title={t("title")}>
      <FilterBar any={any} onClear={clear}>
        <ChoiceFilter label={t("anyAccount")} value={filters.account_id} options={choices} onChange={(account_id) => set(account_id ? { account_id } : { account_id, q: "", state: "", channel: "" } as never)} />
        <SearchFilter label={t("searchAddress")} value={filters.address} onChange={address} />
        {within && <SearchFilter label={t("search")} value={filters.q} onChange={search} />}
        {within && <ChoiceFilter label={t("anyState")} value={filters.state} options={states.map((value) => ({ value, label: t(`state.${value}`) }))} onChange={(state) => set({ state } as never)} />}
        {within && <ChoiceFilter label={t("anyChannel")} value={filters.channel} options={channels.map(({ channel }) => ({ value: channel, label: names.channel(channel) }))} onChange={(channel) => set({ channel })} />}
      </FilterBar>
      <RecipientList filter={filter} {...(any && { onClear: clear })} />
    </Frame>
  );
}

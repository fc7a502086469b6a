import { useState } from "react";
import { Facts, Field, Form, Input, Loaded, Select, Switch, useNotify } from "@/components/ui";
import { useCan } from "@/lib/can";
import { languages, useText } from "@/lib/i18n";
import { type Account, useAccount, useAccountForm } from "../api.ts";

const zones = Intl.supportedValuesOf("timeZone").map((zone) => ({ value: zone, label: zone }));

/** What the account is called, its language and zone; limits are the operator's. */
export function AccountSettings() {
  const can = useCan();
  const query = useAccount();
  const [round, setRound] = useState(0);
  return (
    <Loaded query={query}>
      {(account) => (
        <>
          <Given account={account} all={!can("account.self_update")} />
          {can("account.self_update") && <Fields key={round} account={account} onSaved={() => setRound((now) => now + 1)} />}
        </>
      )}
    </Loaded>
  );
}

function Given({ account, all }: { account: Account; all: boolean }) {
  const t = useText("ownaccount");
  const own = [[t("name"), account.name], [t("language"), languages[account.language as "en-US"]], [t("zone"), account.time_zone], [t("perResource"), account.inbox_per_resource ? t("yes") : t("no")]] as const;
  return (
    <Facts
      items={[
        [t("id"), <code key="id">{account.id}</code>],
        [t("alias"), <code key="alias">{account.alias}</code>],
        ...(all ? own : []),
        [t("limits"), t("limitsOf", { contacts: account.max_contacts, groups: account.max_contact_groups, bots: account.max_bots })],
      ]}
    />
  );
}

function Fields({ account, onSaved }: { account: Account; onSaved: () => void }) {
  const t = useText("ownaccount");
  const notify = useNotify();
  const { form, conflict } = useAccountForm(account, () => (notify.done(t("saved")), onSaved()));
  return (
    <Form form={form} action={t("save")} disabled={!form.dirty}>
      <Field form={form} pointer="#/name" label={t("name")} required>
        {(control) => <Input {...control} maxLength={100} value={form.values.name} onChange={(event) => form.set({ name: event.target.value })} />}
      </Field>
      <Field form={form} pointer="#/language" label={t("language")} hint={t("languageHint")}>
        {(control) => <Select {...control} value={form.values.language} options={Object.entries(languages).map(([value, label]) => ({ value, label }))} onChange={(language) => form.set({ language: language as "en-US" })} />}
      </Field>
      <Field form={form} pointer="#/time_zone" label={t("zone")} hint={t("zoneHint")}>
        {(control) => <Select {...control} value={form.values.time_zone} showSearch options={zones} onChange={(time_zone) => form.set({ time_zone })} />}
      </Field>
      <Field form={form} pointer="#/inbox_per_resource" label={t("perResource")} hint={t("perResourceHint")}>
        {({ id, ...described }) => <Switch id={id} aria-describedby={described["aria-describedby"]} checked={form.values.inbox_per_resource} onChange={(inbox_per_resource) => form.set({ inbox_per_resource })} />}
      </Field>
      {conflict}
    </Form>
  );
}

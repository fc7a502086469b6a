import { useState } from "react";
import { AddressLines, Button, Chip, Dialog, Facts, Failure, Form, NumberField, SecretOnce, SwitchField, TextField, TimeAt, useNotify } from "@/components/ui";
import { useCan } from "@/lib/can";
import { languages, useText } from "@/lib/i18n";
import { type Detail, madePassword, useAccountForm, useResetRoot } from "../api.ts";
import { Spoken } from "./Spoken.tsx";

/** What an account is; what may be changed stands in the form. */
export function AccountFacts({ account }: { account: Detail }) {
  const t = useText("account");
  const can = useCan();
  const given = [[t("name"), account.name], [t("language"), languages[account.language as "en-US"]], [t("zone"), account.time_zone], ...limits.map((each) => [t(each), account[each]] as const)] as const;
  return (
    <Facts
      items={[
        [t("alias"), account.alias],
        [t("state"), <Chip key="state" tone={account.enabled ? "good" : "neutral"}>{account.enabled ? t("enabled") : t("disabled")}</Chip>],
        ...(can("account.update") ? [] : given),
        [t("created"), <TimeAt key="made" at={account.created_at} />],
        [t("id"), <code key="id">{account.id}</code>],
      ]}
    />
  );
}

const limits = ["max_contacts", "max_contact_groups", "max_bots"] as const;

/** Changes an account: its name, its limits, whether it is in use. */
export function EditAccount({ account, onSaved }: { account: Detail; onSaved: () => void }) {
  const t = useText("account");
  const notify = useNotify();
  const { form, conflict } = useAccountForm(account, () => (notify.done(t("saved")), onSaved()));
  return (
    <Form form={form} action={t("save")} disabled={!form.dirty}>
      <TextField form={form} name="name" label={t("name")} required max={100} />
      <Spoken form={form} />
      {limits.map((each) => (
        <NumberField key={each} form={form} name={each} label={t(each)} min={0} />
      ))}
      <SwitchField form={form} name="enabled" label={t("enabled")} hint={t("enabledHint")} />
      <h3>{t("addresses")}</h3>
      <AddressLines form={form} />
      {conflict}
    </Form>
  );
}

/** The last help of an operator: another password for the root user. */
export function RootPassword({ account }: { account: Detail }) {
  const t = useText("account");
  const [offered, setOffered] = useState<string>();
  const [password, setPassword] = useState<string>();
  const close = () => setOffered(undefined);
  const reset = useResetRoot(account.id, (made) => (close(), setPassword(made)));
  return (
    <>
      <Button danger onClick={() => setOffered(madePassword())}>{t("reset")}</Button>
      <Dialog open={offered !== undefined} title={t("resetTitle", { name: account.name })} action={t("reset")} danger busy={reset.busy} onAction={() => offered && reset.run(offered)} onCancel={close}>
        <p>{t("resetEffect")}</p>
        {reset.problem && <Failure error={reset.problem} />}
      </Dialog>
      <SecretOnce secret={password} title={t("rootPassword")} onClose={() => setPassword(undefined)} />
    </>
  );
}

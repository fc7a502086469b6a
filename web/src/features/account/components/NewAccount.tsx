import { AddressLines, Form, TextField } from "@/components/ui";
import { useLanguage, useText } from "@/lib/i18n";
import { useTime } from "@/lib/time";
import { type Detail, useNewAccount } from "../api.ts";
import { Spoken } from "./Spoken.tsx";

/** Makes an account with its root user and its account contact. */
export function NewAccount({ onClose, onMade }: { onClose: () => void; onMade: (account: Detail, password: string) => void }) {
  const t = useText("account");
  const { zone } = useTime();
  const form = useNewAccount(zone, useLanguage(), onMade);
  return (
    <Form form={form} action={t("add")} onCancel={onClose}>
      <TextField form={form} name="name" label={t("name")} required max={100} />
      <TextField form={form} name="alias" label={t("alias")} hint={t("aliasHint")} required max={32} />
      <Spoken form={form} />
      <TextField form={form} name="root" pointer="#/root/name" label={t("root")} hint={t("rootHint")} required max={64} />
      <h3>{t("addresses")}</h3>
      <AddressLines form={form} />
    </Form>
  );
}

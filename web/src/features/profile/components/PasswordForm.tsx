import { Field, Form, Input, useNotify } from "@/components/ui";
import { useText } from "@/lib/i18n";
import { usePasswordForm } from "../api.ts";

/** Changes the own password; the current one is asked for. */
export function PasswordForm() {
  const t = useText("profile");
  const notify = useNotify();
  const form = usePasswordForm(() => {
    notify.done(t("passwordChanged"));
    form.reset({ current: "", new: "" });
  });
  return (
    <Form form={form} action={t("changePassword")} disabled={!form.values.current || !form.values.new}>
      <Field form={form} pointer="#/current" label={t("current")} required>
        {({ status, ...control }) => <Input.Password {...control} status={status} autoComplete="current-password" value={form.values.current} onChange={(event) => form.set({ current: event.target.value })} />}
      </Field>
      <Field form={form} pointer="#/new" label={t("new")} hint={t("newHint")} required>
        {({ status, ...control }) => <Input.Password {...control} status={status} autoComplete="new-password" value={form.values.new} onChange={(event) => form.set({ new: event.target.value })} />}
      </Field>
    </Form>
  );
}

import { Field, Form, Input, SidePage } from "@/components/ui";
import { useText } from "@/lib/i18n";
import { useNewUser } from "../api.ts";

/** Makes a sub-user, who has no rights at first. */
export function NewUser({ open, onClose, onMade }: { open: boolean; onClose: () => void; onMade: (id: string) => void }) {
  const t = useText("user");
  return (
    <SidePage open={open} title={t("add")} onClose={onClose}>
      <Fields onClose={onClose} onMade={onMade} />
    </SidePage>
  );
}

function Fields({ onClose, onMade }: { onClose: () => void; onMade: (id: string) => void }) {
  const t = useText("user");
  const form = useNewUser(onMade);
  return (
    <Form form={form} action={t("add")} onCancel={onClose}>
      <Field form={form} pointer="#/name" label={t("name")} hint={t("nameHint")} required>
        {(control) => <Input {...control} maxLength={64} autoComplete="off" value={form.values.name} onChange={(event) => form.set({ name: event.target.value })} />}
      </Field>
      <Field form={form} pointer="#/display_name" label={t("displayName")}>
        {(control) => <Input {...control} maxLength={100} value={form.values.display_name} onChange={(event) => form.set({ display_name: event.target.value })} />}
      </Field>
      <Field form={form} pointer="#/password" label={t("password")} hint={t("passwordFirst")} required>
        {(control) => <Input {...control} type="password" autoComplete="new-password" value={form.values.password} onChange={(event) => form.set({ password: event.target.value })} />}
      </Field>
    </Form>
  );
}

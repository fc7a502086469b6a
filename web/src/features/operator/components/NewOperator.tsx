import { BoxesField, Form, TextField } from "@/components/ui";
import { useText } from "@/lib/i18n";
import { roles, useNewOperator } from "../api.ts";

/** Makes an operator: a user of the account "platform". */
export function NewOperator({ onClose, onMade }: { onClose: () => void; onMade: (id: string) => void }) {
  const t = useText("operator");
  const form = useNewOperator(onMade);
  return (
    <Form form={form} action={t("add")} onCancel={onClose}>
      <TextField form={form} name="name" label={t("name")} hint={t("nameHint")} required max={64} />
      <TextField form={form} name="display_name" label={t("displayName")} max={100} />
      <TextField form={form} name="password" label={t("password")} hint={t("passwordHint")} required type="password" />
      <BoxesField form={form} name="roles" label={t("roles")} options={roles.map((value) => ({ value, label: t(`roleAllows.${value}`) }))} />
    </Form>
  );
}

import { Field, Form, Input } from "@/components/ui";
import { useText } from "@/lib/i18n";
import { useTime } from "@/lib/time";
import { useNewKey, type Whose } from "../api.ts";

/** Makes an access key. */
export function NewKey({ whose, onMade }: { whose: Whose; onMade: (key: string) => void }) {
  const t = useText("credential");
  const { zone } = useTime();
  const form = useNewKey(whose, zone, (key) => {
    form.reset({ name: "", until: "" });
    onMade(key);
  });
  return (
    <Form form={form} action={t("create")} disabled={!form.values.name.trim()}>
      <Field form={form} pointer="#/name" label={t("keyName")} required>
        {(control) => <Input {...control} maxLength={100} value={form.values.name} onChange={(event) => form.set({ name: event.target.value })} />}
      </Field>
      <Field form={form} pointer="#/expires_at" label={t("lastDay")} hint={t("lastDayHint")}>
        {({ id, "aria-describedby": described, "aria-invalid": invalid }) => <input id={id} aria-describedby={described} aria-invalid={invalid} type="date" className="b-date" value={form.values.until} onChange={(event) => form.set({ until: event.target.value })} />}
      </Field>
    </Form>
  );
}

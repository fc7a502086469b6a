import { Field, Form, Select, TagsField, TextField } from "@/components/ui";
import { useText } from "@/lib/i18n";
import { useNames } from "@/lib/names";
import { useNewType } from "../api.ts";
import { audiencesOf, severities, type Severity } from "./values.ts";

/** Makes a message type with its first texts; the editor goes on from there. */
export function NewType({ onClose, onMade }: { onClose: () => void; onMade: (key: string) => void }) {
  const t = useText("messagetype");
  const form = useNewType(onMade);
  return (
    <Form form={form} action={t("add")} onCancel={onClose}>
      <TextField form={form} name="key" label={t("key")} hint={t("keyHint")} required max={64} />
      <TextField form={form} name="zh" pointer="#/names/zh-CN" label={t("nameZh")} required max={64} />
      <TextField form={form} name="en" pointer="#/names/en-US" label={t("nameEn")} required max={64} />
      <TextField form={form} name="describeZh" pointer="#/descriptions/zh-CN" label={t("describeZh")} required rows={2} />
      <TextField form={form} name="describeEn" pointer="#/descriptions/en-US" label={t("describeEn")} required rows={2} />
      <TagsField form={form} name="audience" label={t("audience")} hint={t("audienceHint")} required options={audiencesOf(useNames().types)} />
      <Field form={form} pointer="#/severity" label={t("severity")}>
        {(control) => <Select {...control} value={form.values.severity} options={severities.map((value) => ({ value, label: t(`severities.${value}`) }))} onChange={(severity: Severity) => form.set({ severity })} />}
      </Field>
    </Form>
  );
}

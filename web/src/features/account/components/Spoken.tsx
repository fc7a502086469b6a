import { Field, type FormState, Select } from "@/components/ui";
import { languages, useText } from "@/lib/i18n";

const zones = Intl.supportedValuesOf("timeZone").map((zone) => ({ value: zone, label: zone }));

interface Places {
  language: "zh-CN" | "en-US";
  time_zone: string;
}

/** The language and the zone of an account. */
export function Spoken<V extends Places>({ form }: { form: FormState<V> }) {
  const t = useText("account");
  return (
    <>
      <Field form={form} pointer="#/language" label={t("language")}>
        {(control) => <Select {...control} value={form.values.language as string} options={Object.entries(languages).map(([value, label]) => ({ value, label }))} onChange={(language) => form.set({ language } as Partial<V>)} />}
      </Field>
      <Field form={form} pointer="#/time_zone" label={t("zone")}>
        {(control) => <Select {...control} value={form.values.time_zone as string} showSearch options={zones} onChange={(time_zone) => form.set({ time_zone } as Partial<V>)} />}
      </Field>
    </>
  );
}

import { Button, Field, type FormState, Icon, Input, Select } from "@/components/ui";
import { languages, useText } from "@/lib/i18n";
import { useNames } from "@/lib/names";
import { type ContactValues, usePositions } from "../api.ts";

/** The inputs of a contact. The account contact has no position. */
export function ContactFields({ form, account }: { form: FormState<ContactValues>; account?: boolean }) {
  const t = useText("contact");
  const positions = usePositions();
  const { values, set } = form;
  return (
    <>
      <Field form={form} pointer="#/name" label={t("name")} required hint={t("nameRule")}>
        {(control) => <Input {...control} value={values.name} maxLength={200} autoComplete="off" onChange={(event) => set({ name: event.target.value })} />}
      </Field>
      <AddressFields form={form} />
      {!account && (
        <Field form={form} pointer="#/position" label={t("position")}>
          {(control) => <Select {...control} value={values.position} options={[{ value: "", label: t("none") }, ...positions]} onChange={(position) => set({ position })} />}
        </Field>
      )}
      <Field form={form} pointer="#/language" label={t("language")}>
        {(control) => <Select {...control} value={values.language} options={[{ value: "", label: t("asAccount") }, ...Object.entries(languages).map(([value, label]) => ({ value, label }))]} onChange={(language) => set({ language })} />}
      </Field>
      <Field form={form} pointer="#/time_zone" label={t("zone")}>
        {(control) => <Select {...control} showSearch value={values.time_zone} options={[{ value: "", label: t("asAccount") }, ...zones()]} onChange={(time_zone) => set({ time_zone })} />}
      </Field>
    </>
  );
}

const zones = () => Intl.supportedValuesOf("timeZone").map((value) => ({ value, label: value }));

function AddressFields({ form }: { form: FormState<ContactValues> }) {
  const t = useText("contact");
  const names = useNames();
  const { addresses } = form.values;
  const channels = names.channels.filter((each) => each.available && !each.bots && each.channel !== "inbox");
  const change = (index: number, part: Partial<ContactValues["addresses"][number]>) => form.set({ addresses: addresses.map((each, i) => (i === index ? { ...each, ...part } : each)) });
  return (
    <fieldset className="b-fieldset">
      <legend>{t("addresses")}</legend>
      {addresses.map((address, i) => (
        <div className="b-address" key={i}>
          <Field form={form} pointer={`#/addresses/${i}/channel`} label={t("channelOf", { n: i + 1 })}>
            {(control) => <Select {...control} value={address.channel} options={channels.map((each) => ({ value: each.channel, label: names.channel(each.channel) }))} onChange={(channel) => change(i, { channel })} />}
          </Field>
          <Field form={form} pointer={`#/addresses/${i}/value`} label={t("addressOf", { n: i + 1 })} required>
            {(control) => <Input {...control} value={address.value} maxLength={254} inputMode={address.channel === "email" ? "email" : "tel"} autoComplete="off" placeholder={address.channel === "email" ? "ming@example.org" : "+86 138 0013 8000"} onChange={(event) => change(i, { value: event.target.value })} />}
          </Field>
          <Button aria-label={t("removeAddress", { n: i + 1 })} onClick={() => form.set({ addresses: addresses.filter((_, at) => at !== i) })}>
            <Icon name="cross" />
          </Button>
        </div>
      ))}
      <Button onClick={() => form.set({ addresses: [...addresses, { channel: channels[0]?.channel ?? "email", value: "" }] })}>{t("addAddress")}</Button>
    </fieldset>
  );
}

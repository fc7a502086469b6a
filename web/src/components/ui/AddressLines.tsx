import { useText } from "@/lib/i18n";
import { useNames } from "@/lib/names";
import { Button, Input } from "./antd.ts";
import { Field, type FormState } from "./Form.tsx";

interface WithAddresses {
  addresses: { channel: string; value: string }[];
}

/** A line for each address of a form, and a way to add and remove them. */
export function AddressLines<V extends WithAddresses>({ form }: { form: FormState<V> }) {
  const t = useText("ui");
  const names = useNames();
  const { addresses } = form.values;
  const offered = names.channels.filter((each) => each.available && !each.bots && each.channel !== "inbox");
  const put = (next: WithAddresses["addresses"]) => form.set({ addresses: next } as Partial<V>);
  return (
    <>
      {addresses.map((each, at) => (
        <div key={at} className="b-address-line">
          <Field form={form} pointer={`#/addresses/${at}`} label={names.channel(each.channel)}>
            {(control) => <Input {...control} type={each.channel === "email" ? "email" : "tel"} value={each.value} onChange={(event) => put(addresses.map((other, i) => (i === at ? { ...other, value: event.target.value } : other)))} />}
          </Field>
          <Button aria-label={t("address.removeOf", { address: each.value || names.channel(each.channel) })} onClick={() => put(addresses.filter((_, i) => i !== at))}>
            {t("address.remove")}
          </Button>
        </div>
      ))}
      <div className="b-form-buttons">
        {offered.map(({ channel }) => (
          <Button key={channel} onClick={() => put([...addresses, { channel, value: "" }])}>
            {t("address.add", { channel: names.channel(channel) })}
          </Button>
        ))}
      </div>
    </>
  );
}

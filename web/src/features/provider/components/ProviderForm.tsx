import type { ChannelView } from "@api/types.gen";
import { DescribedField, type DescribedValues, Form, type FormState, TextField, useNotify } from "@/components/ui";
import { useText } from "@/lib/i18n";
import { type Provider, useNewProvider, useProviderForm } from "../api.ts";

/** Makes a provider of a channel. */
export function NewProvider({ channel, onClose, onMade }: { channel: ChannelView; onClose: () => void; onMade: (id: string) => void }) {
  const t = useText("provider");
  const form = useNewProvider(channel, onMade);
  return (
    <Form form={form} action={t("add")} onCancel={onClose}>
      <Fields form={form} channel={channel} />
    </Form>
  );
}

/** Changes a provider; secrets are replaced, never shown. */
export function EditProvider({ provider, channel, onSaved }: { provider: Provider; channel: ChannelView; onSaved: () => void }) {
  const t = useText("provider");
  const notify = useNotify();
  const { form, conflict } = useProviderForm(provider, channel, () => (notify.done(t("saved")), onSaved()));
  return (
    <Form form={form} action={t("save")} disabled={!form.dirty}>
      <Fields form={form} channel={channel} provider={provider} />
      {conflict}
    </Form>
  );
}

function Fields({ form, channel, provider }: { form: FormState<DescribedValues>; channel: ChannelView; provider?: Provider }) {
  const t = useText("provider");
  return (
    <>
      <TextField form={form} name="name" label={t("name")} required max={64} />
      {channel.provider_fields.map((field) => (
        <DescribedField key={field.name} form={form} field={field} set={provider?.secrets_set.includes(field.name) ?? false} />
      ))}
    </>
  );
}

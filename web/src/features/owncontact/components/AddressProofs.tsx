import { Button, Chip, Failure, Field, Form, Input, TimeAgo, TimeAt, type Tone, useNotify } from "@/components/ui";
import { useText } from "@/lib/i18n";
import { useNames } from "@/lib/names";
import { type Address, type Contact, useCode, useSendAgain, type Whose } from "../api.ts";

const tones: Record<Address["state"], Tone> = { expired: "warn", failed: "bad", pending: "info", verified: "good", waived: "good" };

/** How far each address is proven; where a proof is missing, the code is entered and asked for here. */
export function AddressProofs({ whose, contact, may }: { whose: Whose; contact: Contact; may: boolean }) {
  return (
    <ul className="b-proofs">
      {contact.addresses.map((address) => (
        <li key={address.id}>
          <Proof whose={whose} contact={contact.id} address={address} may={may} />
        </li>
      ))}
    </ul>
  );
}

function Proof({ whose, contact, address, may }: { whose: Whose; contact: string; address: Address; may: boolean }) {
  const t = useText("owncontact");
  const names = useNames();
  const open = address.state === "pending" || address.state === "expired" || address.state === "failed";
  return (
    <>
      <p className="b-proof">
        <span>{names.channel(address.channel)}</span>
        <bdi>{address.value}</bdi>
        <Chip tone={tones[address.state]} {...(address.state === "pending" && { icon: "clock" as const })}>{t(`state.${address.state}`)}</Chip>
        <TimeAgo at={address.state_at} />
        {address.reason && <code>{address.reason}</code>}
        {address.leaving && <span className="b-hint">{t("leaving")}</span>}
      </p>
      {may && open && !address.leaving && <Prove whose={whose} contact={contact} address={address} />}
    </>
  );
}

function Prove({ whose, contact, address }: { whose: Whose; contact: string; address: Address }) {
  const t = useText("owncontact");
  const notify = useNotify();
  const form = useCode(whose, contact, address.id, () => notify.done(t("proven")));
  const again = useSendAgain(whose, contact, () => notify.done(t("sent")));
  const { invitation } = address;
  const resendAt = invitation?.resend_at;
  const wait = resendAt !== null && resendAt !== undefined && Date.parse(resendAt) > Date.now();
  const codeLives = address.state === "pending" && invitation?.code_expires_at && Date.parse(invitation.code_expires_at) > Date.now();
  return (
    <div className="b-prove">
      <p className="b-hint">
        {t(`next.${address.state as "pending"}`)} {codeLives && t("tries", { n: invitation?.tries_left ?? 0 })}
        {invitation?.remind_at && <> {t("remind")} <TimeAt at={invitation.remind_at} /></>}
      </p>
      {codeLives && (
        <Form form={form} action={t("confirm")} disabled={!/^\s*\d{6}\s*$/.test(form.values.code)}>
          <Field form={form} pointer="#/code" label={t("code", { address: address.value })}>
            {(control) => <Input {...control} inputMode="numeric" autoComplete="one-time-code" maxLength={10} value={form.values.code} onChange={(event) => form.set({ code: event.target.value })} />}
          </Field>
        </Form>
      )}
      <div className="b-form-buttons">
        <Button disabled={wait} loading={again.busy} onClick={() => again.run(address.id)}>{t("sendAgain")}</Button>
        {wait && <span className="b-hint">{t("possible")} <TimeAt at={resendAt} /></span>}
      </div>
      {again.problem && <Failure error={again.problem} />}
    </div>
  );
}

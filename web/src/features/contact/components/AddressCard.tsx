import { useState } from "react";
import { Button, Failure, Input, TimeAgo, useFaultText } from "@/components/ui";
import { useCan } from "@/lib/can";
import { clockOf, useSecondsUntil } from "@/lib/countdown";
import { useText } from "@/lib/i18n";
import { useNames } from "@/lib/names";
import { type Address, type Contact, useConfirm, useResend } from "../api.ts";
import { AddressState } from "./AddressState.tsx";
import { canResend, failureOf, takesCode } from "./states.ts";

/** An address with its state, why it is in it, and the next step. */
export function AddressCard({ contact, address }: { contact: Contact; address: Address }) {
  const t = useText("contact");
  const can = useCan();
  const names = useNames();
  const next = address.state === "failed" ? t(`failure.${failureOf(address)}.next`) : t(`next.${address.state}`);
  return (
    <article className="b-address-card">
      <h3>
        <span className="b-hint">{names.channel(address.channel)}</span> <bdi>{address.value}</bdi>
      </h3>
      <p>
        <AddressState address={address} /> <TimeAgo at={address.state_at} />
      </p>
      <p className="b-hint">{address.leaving ? t("leavingNote") : next}</p>
      <Asked address={address} />
      {takesCode(address) && can("invitation.confirm_code") && <Code contact={contact} address={address} />}
      {canResend(address) && can("invitation.resend") && <Resend contact={contact} address={address} />}
    </article>
  );
}

/** How the request to prove the address stands. */
function Asked({ address }: { address: Address }) {
  const t = useText("contact");
  const { invitation } = address;
  if (!invitation || address.state !== "pending") return null;
  return (
    <ul className="b-lines b-hint">
      <li>{t("reminders", { n: invitation.reminders })}</li>
      {invitation.remind_at && (
        <li>
          {t("nextReminder")} <TimeAgo at={invitation.remind_at} />
        </li>
      )}
      {invitation.expires_at && (
        <li>
          {t("linkEnds")} <TimeAgo at={invitation.expires_at} />
        </li>
      )}
      <li>{t("triesLeft", { n: invitation.tries_left })}</li>
      {invitation.reason === "rate_limited" && <li>{t("rateLimited")}</li>}
    </ul>
  );
}

function Code({ contact, address }: { contact: Contact; address: Address }) {
  const t = useText("contact");
  const [code, setCode] = useState("");
  const fault = useFaultText();
  const confirm = useConfirm(contact.id, address.id, () => setCode(""));
  const id = `code-${address.id}`;
  const problem = confirm.problem;
  return (
    <form
      className="b-code"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (code) confirm.run(code);
      }}
    >
      <label htmlFor={id}>{t("code")}</label>
      <Input id={id} inputMode="numeric" autoComplete="one-time-code" maxLength={6} value={code} aria-invalid={problem ? true : undefined} aria-describedby={problem && `${id}-fault`} onChange={(event) => setCode(event.target.value.replace(/\D/g, ""))} />
      <Button htmlType="submit" loading={confirm.busy}>
        {t("confirm")}
      </Button>
      {problem && (
        <div id={`${id}-fault`} className="b-fault" role="alert">
          {problem.code === "validation-failed" || problem.code === "wrong-code" ? problem.errors.map(fault).join(" ") || t("wrongCode") : <Failure error={problem} />}
        </div>
      )}
    </form>
  );
}

function Resend({ contact, address }: { contact: Contact; address: Address }) {
  const t = useText("contact");
  const left = useSecondsUntil(address.invitation?.resend_at);
  const resend = useResend(contact.id, address.id);
  return (
    <>
      <Button loading={resend.busy} disabled={left > 0} onClick={() => resend.run(null)}>
        {left > 0 ? t("resendIn", { clock: clockOf(left) }) : t("resend")}
      </Button>
      {resend.problem && <Failure error={resend.problem} />}
    </>
  );
}

import { useId, useState } from "react";
import { Dialog, Failure, useNotify } from "@/components/ui";
import { useText } from "@/lib/i18n";
import { useNames } from "@/lib/names";
import { type Recipient, useWaive, waivable } from "../api.ts";

/** Asks for which addresses the operator vouches. */
export function Waive({ recipient, onClose }: { recipient: Recipient; onClose: () => void }) {
  const t = useText("usercontact");
  const id = useId();
  const names = useNames();
  const notify = useNotify();
  const waiting = waivable(recipient);
  const [chosen, setChosen] = useState<string[]>(waiting.length === 1 ? waiting.map((each) => each.id) : []);
  const waive = useWaive(() => {
    notify.done(t("waived"));
    onClose();
  });
  const toggle = (address: string, on: boolean) => setChosen((now) => (on ? [...now, address] : now.filter((each) => each !== address)));
  const send = () => waive.run({ account: recipient.account.id, contact: recipient.id, addresses: chosen });
  return (
    <Dialog open title={t("waiveTitle", { name: recipient.name })} action={t("waive")} disabled={chosen.length === 0} busy={waive.busy} onAction={send} onCancel={onClose}>
      <p>{t("waiveNote")}</p>
      <div role="group" aria-label={t("addresses")} className="b-boxes">
        {waiting.map((each) => (
          <label key={each.id} htmlFor={id + each.id}>
            <input id={id + each.id} type="checkbox" checked={chosen.includes(each.id)} onChange={(event) => toggle(each.id, event.target.checked)} /> {names.channel(each.channel)} <bdi>{each.value}</bdi>
          </label>
        ))}
      </div>
      {waive.problem && <Failure error={waive.problem} />}
    </Dialog>
  );
}

import { deliveryResend, deliveryResendable } from "@api/sdk.gen";
import type { DeliveryResendableData, ResendableView } from "@api/types.gen";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useText } from "@/lib/i18n";
import { useNames } from "@/lib/names";
import { Button } from "./antd.ts";
import { Dialog } from "./Dialog.tsx";
import { Failure } from "./Failure.tsx";
import { ChoiceFilter } from "./Filters.tsx";
import { Loaded } from "./Loading.tsx";
import { useNotify } from "./notify.ts";
import { TimeAt } from "./TimeAgo.tsx";
import { useWrite } from "./useWrite.ts";

/** Whose deliveries, and which. */
export type Missed = Omit<NonNullable<DeliveryResendableData["query"]>, "from" | "to">;

const day = 86_400_000;
const shown = 5;

/** Counts what did not arrive there lately, and sends it again. Show it to those who may delivery.resend. */
export function ResendMissed({ of }: { of: Missed }) {
  const t = useText("ui");
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>{t("missed.open")}</Button>
      {open && <Asking of={of} onClose={() => setOpen(false)} />}
    </>
  );
}

function Asking({ of, onClose }: { of: Missed; onClose: () => void }) {
  const t = useText("ui");
  const [days, setDays] = useState("");
  const from = useMemo(() => new Date(Date.now() - Number(days || 1) * day).toISOString(), [days]);
  const counted = useQuery({ queryKey: ["delivery", "missed", of, from], staleTime: 0, queryFn: async ({ signal }) => (await deliveryResendable({ query: { ...of, from }, signal })).data });
  const { write, sent } = useResending({ ...of, from }, onClose);
  const found = counted.data?.deliveries ?? 0;
  return (
    <Dialog open title={t("missed.open")} action={t("missed.send")} busy={write.busy} disabled={found === 0} onAction={() => counted.data && write.run({ to: counted.data.to, round: 0 })} onCancel={onClose}>
      <p>
        <ChoiceFilter label={t("missed.days", { count: 1 })} value={days} options={["7", "30"].map((value) => ({ value, label: t("missed.days", { count: Number(value) }) }))} onChange={setDays} />
      </p>
      <Loaded query={counted}>{(missed) => <Counted missed={missed} />}</Loaded>
      {sent > 0 && <p role="status">{t("missed.sent", { n: sent })}</p>}
      {write.problem && <Failure error={write.problem} />}
    </Dialog>
  );
}

/** Sends all again that was counted, some hundred at a time: what fails again meanwhile is not among them. */
function useResending(query: Missed & { from: string }, onClose: () => void) {
  const t = useText("ui");
  const notify = useNotify();
  const client = useQueryClient();
  const [sent, setSent] = useState(0);
  const write = useWrite({
    send: async ({ to }: { to: string; round: number }, { headers }) => (await deliveryResend({ query: { ...query, to }, headers })).data,
    done: (out, { to, round }) => {
      setSent(sent + out.resent);
      if (out.left > 0) {
        write.run({ to, round: round + 1 });
        return;
      }
      notify.done(t("missed.sent", { n: sent + out.resent }));
      for (const noun of ["delivery", "notification"]) void client.invalidateQueries({ queryKey: [noun] });
      onClose();
    },
  });
  return { write, sent };
}

function Counted({ missed }: { missed: ResendableView }) {
  const t = useText("ui");
  const names = useNames();
  if (missed.deliveries === 0) return <p>{t("missed.none")}</p>;
  return (
    <>
      <p>
        {t(missed.more ? "missed.moreThan" : "missed.count", { n: missed.deliveries })} {missed.oldest && <TimeAt at={missed.oldest} />}
      </p>
      <ul className="b-lines">
        {missed.recipients.slice(0, shown).map((each) => (
          <li key={each.channel + each.bot_id + each.contact_id + each.recipient}>
            {each.recipient} · {names.channel(each.channel)}: {t("missed.times", { n: each.deliveries })}
          </li>
        ))}
      </ul>
      <p className="b-hint">
        {missed.reasons.map((each) => (
          <span key={each.reason}>
            <code>{each.reason}</code> {t("missed.times", { n: each.deliveries })}{" "}
          </span>
        ))}
      </p>
      <p className="b-hint">{t("missed.note")}</p>
    </>
  );
}

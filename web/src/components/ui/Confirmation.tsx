import { useText } from "@/lib/i18n";
import type { Fault } from "@/lib/client";
import { Dialog } from "./Dialog.tsx";
import { Outlasting } from "./Outlasting.tsx";
import type { Write } from "./useWrite.ts";

/** Codes in the order of how much they matter: who is left without messages comes first. */
const order = ["reaches-nobody", "falls-back", "single-person", "target-removed", "bot-removed"];
const rank = (code: string) => (order.indexOf(code) + 1 || order.length + 1);

/** Groups what the server says about a change by its kind, the worst first. */
export function grouped(errors: readonly Fault[]): [string, Fault[]][] {
  const groups = new Map<string, Fault[]>();
  for (const each of errors) groups.set(each.code, [...(groups.get(each.code) ?? []), each]);
  return [...groups].sort(([a], [b]) => rank(a) - rank(b));
}

/** Asks for the agreement that the server wants before the write (409 confirmation-required). */
export function Confirmation<In>({ write, title, name }: { write: Write<In>; title: string; name?: (fault: Fault) => string }) {
  const t = useText("ui");
  const problem = write.question;
  return (
    <Dialog open={problem !== undefined} title={title} action={t("anyway")} danger busy={write.busy} onAction={write.agree} onCancel={write.dismiss}>
      {problem && grouped(problem.errors).map(([code, faults]) => <Effects key={code} code={code} faults={faults} name={name} />)}
      {problem?.errors.length === 0 && <p>{problem.detail}</p>}
    </Dialog>
  );
}

function Effects({ code, faults, name }: { code: string; faults: Fault[]; name?: (fault: Fault) => string }) {
  const t = useText("ui");
  return (
    <section className={code === "reaches-nobody" ? "b-effects b-effects-bad" : "b-effects"}>
      <h3>{t(`effect.${code}` as "effect.reaches-nobody", { defaultValue: code })}</h3>
      <ul>
        {faults.map((fault) => (
          <li key={fault.pointer + fault.detail}>{code === "outlasts" ? <Outlasting pointer={fault.pointer} /> : (name?.(fault) ?? fault.detail)}</li>
        ))}
      </ul>
    </section>
  );
}

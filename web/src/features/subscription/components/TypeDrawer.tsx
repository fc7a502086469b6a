import { Button, Chip, Confirmation, Empty, Failure, Link, Loaded, SidePage } from "@/components/ui";
import { useCan } from "@/lib/can";
import { useText } from "@/lib/i18n";
import { useNames } from "@/lib/names";
import { useState } from "react";
import { type Row, useExplanation, useUpdate } from "../api.ts";
import { MatrixCell, useReason } from "./MatrixTable.tsx";
import { tickedIn } from "./pending.ts";
import { RecipientFields } from "./RecipientFields.tsx";
import { choiceOf, onTop, type Recipients, recipientsOf } from "./recipients.ts";
import type { Ticks } from "./useTicks.ts";

interface Drawer {
  row: Row;
  version: number;
  ticks: Ticks;
  editable: boolean;
  onClose: () => void;
}

/** One type: its channels, who gets it, and, below, who would get it now and why not. */
export function TypeDrawer({ row, version, ticks, editable, onClose }: Drawer) {
  const t = useText("subscription");
  const can = useCan();
  const names = useNames();
  return (
    <SidePage open title={names.type(row.type)} onClose={onClose} tools={<Link to={`/subscriptions/history?type=${row.type}`}>{t("history")}</Link>}>
      <div className="b-form">
        <p className="b-hint">
          {names.category(row.category)} · <code>{row.type}</code>
        </p>
        <Channels row={row} ticks={ticks} editable={editable} />
        {row.strict ? <p className="b-note">{t("strictNote")}</p> : <EditRecipients key={row.type} row={row} version={version} editable={editable} />}
        {can("notification.explain") && <Explained type={row.type} />}
      </div>
    </SidePage>
  );
}

function Channels({ row, ticks, editable }: { row: Row; ticks: Ticks; editable: boolean }) {
  const t = useText("subscription");
  const names = useNames();
  const reason = useReason();
  const waiting = [...ticks.pending.keys()].some((key) => key.startsWith(`${row.type}/`));
  return (
    <section>
      <h3>{t("channels")}</h3>
      <ul className="b-lines">
        {row.cells.map((cell) => (
          <li key={cell.channel} className="b-inline">
            <MatrixCell row={row} cell={cell} ticked={tickedIn(ticks.pending, row, cell)} label={names.channel(cell.channel)} editable={editable} onTick={ticks.tick} />
            {names.channel(cell.channel)} <span className="b-hint">{reason(cell, editable)}</span>
          </li>
        ))}
      </ul>
      {waiting && (
        <Button type="primary" loading={ticks.write.busy} onClick={ticks.save}>
          {t("saveTicks", { count: ticks.pending.size })}
        </Button>
      )}
    </section>
  );
}

function EditRecipients({ row, version, editable }: { row: Row; version: number; editable: boolean }) {
  const t = useText("subscription");
  const names = useNames();
  const [values, setValues] = useState<Recipients>(() => recipientsOf(row));
  const [read, setRead] = useState(() => ({ version, recipients: recipientsOf(row) }));
  if (read.version !== version) {
    const theirs = recipientsOf(row);
    setRead({ version, recipients: theirs });
    setValues(onTop(read.recipients, theirs, values));
  }
  const write = useUpdate(version, () => undefined);
  const dirty = JSON.stringify(values) !== JSON.stringify(recipientsOf(row));
  return (
    <section className="b-form">
      <h3>{t("recipients")}</h3>
      <RecipientFields values={values} onChange={setValues} editable={editable} row={row} />
      {write.stale ? <p className="b-fault" role="alert">{t("staleRecipients")}</p> : write.problem && <Failure error={write.problem} />}
      {editable && (
        <div className="b-form-buttons">
          <Button type="primary" disabled={!dirty} loading={write.busy} onClick={() => write.run([{ type: row.type, ...choiceOf(values, row) }])}>
            {t("save")}
          </Button>
        </div>
      )}
      <Confirmation write={write} title={t("effects")} name={(fault) => names.type(fault.pointer.replace("types/", ""))} />
    </section>
  );
}

const tones = { deliver: "good", hold: "info", suppress: "neutral" } as const;

/** Who gets the type over what, as it is saved now. */
function Explained({ type }: { type: string }) {
  const t = useText("subscription");
  const names = useNames();
  const query = useExplanation(type);
  return (
    <section>
      <h3>{t("whoGetsIt")}</h3>
      <p className="b-hint">{t("whoGetsItNote")}</p>
      <Loaded query={query} rows={3}>
        {(explanation) => (explanation.deliveries.length === 0 ? <Empty text={t("nobody")} /> : (
          <ul className="b-lines b-verdicts">
            {explanation.deliveries.map((each, i) => (
              <li key={i}>
                <Chip tone={tones[each.verdict]}>{t(`verdict.${each.verdict}`)}</Chip> {each.recipient || t("inbox")} · {names.channel(each.channel)} {each.address && <bdi className="b-hint">{each.address}</bdi>}
                {each.text && each.verdict !== "deliver" && <div className="b-hint">{each.text}</div>}
              </li>
            ))}
          </ul>
        ))}
      </Loaded>
    </section>
  );
}

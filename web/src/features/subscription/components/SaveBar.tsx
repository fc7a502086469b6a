import { useEffect, useState } from "react";
import { Button, Chip, Confirmation, Failure } from "@/components/ui";
import { useText } from "@/lib/i18n";
import { useNames } from "@/lib/names";
import type { Row } from "../api.ts";
import type { Ticks } from "./useTicks.ts";

/** How many ticks wait, what they are, and the buttons that save or discard them. Ctrl+S saves, too. */
export function SaveBar({ ticks, rows }: { ticks: Ticks; rows: Row[] }) {
  const t = useText("subscription");
  const names = useNames();
  const [showing, setShowing] = useState(false);
  const n = ticks.pending.size;
  const { save, write } = ticks;
  useEffect(() => {
    if (n === 0) return;
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "s" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      save();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  });
  const lines = [...ticks.pending].map(([key, ticked]) => {
    const [type = "", channel = ""] = key.split("/");
    return { key, ticked, type: names.type(rows.find((row) => row.type === type)?.type ?? type), channel: names.channel(channel) };
  });
  return (
    <div className={n > 0 ? "b-save b-save-on" : "b-save"}>
      <span role="status">{n > 0 && t("unsaved", { count: n })}</span>
      {ticks.overtaken && n > 0 && <Chip tone="warn">{t("overtaken")}</Chip>}
      {n > 0 && (
        <>
          <Button aria-expanded={showing} onClick={() => setShowing(!showing)}>{t("showChanges")}</Button>
          <Button onClick={ticks.discard}>{t("discard")}</Button>
          <Button type="primary" loading={write.busy} onClick={save}>{t("save")}</Button>
        </>
      )}
      {write.problem && !write.stale && <Failure error={write.problem} />}
      {n > 0 && showing && (
        <ul className="b-lines b-changes">
          {lines.map((each) => (
            <li key={each.key}>
              <Chip tone={each.ticked ? "good" : "neutral"}>{each.ticked ? t("on") : t("off")}</Chip> {each.type} · {each.channel}
            </li>
          ))}
        </ul>
      )}
      <Confirmation write={write} title={t("effects")} name={(fault) => names.type(fault.pointer.replace("types/", ""))} />
    </div>
  );
}

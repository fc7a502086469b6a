import { useCallback, useEffect, useMemo, useState } from "react";
import { useDraft } from "@/lib/draft";
import { useText } from "@/lib/i18n";
import { useNotify } from "@/components/ui";
import { type Cell, type Matrix, type Row, useUpdate } from "../api.ts";
import { changesOf, type Pending, settled, withColumn, withTick } from "./pending.ts";

/** Ticks that gather here until they are saved together; they survive what others save meanwhile. */
export function useTicks(matrix: Matrix) {
  const t = useText("subscription");
  const notify = useNotify();
  const [wanted, setWanted] = useState<Pending>(new Map());
  const [overtaken, setOvertaken] = useState(false);
  const pending = useMemo(() => settled(wanted, matrix.items), [wanted, matrix.items]);
  const write = useUpdate(matrix.version, () => {
    setWanted(new Map());
    setOvertaken(false);
    notify.done(t("saved"));
  });
  useDraft(pending.size > 0, t("leave"));
  const { stale, dismiss } = write;
  useEffect(() => {
    if (!stale) return;
    setOvertaken(true);
    dismiss();
  }, [stale, dismiss]);
  const tick = useCallback((row: Row, cell: Cell, ticked: boolean) => setWanted((now) => withTick(now, row, cell, ticked)), []);
  const column = useCallback((rows: Row[], channel: string, ticked: boolean) => setWanted((now) => withColumn(now, rows, channel, ticked)), []);
  return { pending, tick, column, write, overtaken, save: () => write.busy || write.run(changesOf(pending)), discard: () => (setWanted(new Map()), setOvertaken(false), dismiss()) };
}

export type Ticks = ReturnType<typeof useTicks>;

import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useDraft } from "@/lib/draft";
import { useText } from "@/lib/i18n";
import { useNotify } from "@/components/ui";
import { type Cell, type Matrix, type Row, useReread, useUpdate } from "../api.ts";
import { changesOf, type Pending, settled, withColumn, withTick } from "./pending.ts";

/** Ticks that gather here until they are saved together; they survive what others save meanwhile. */
export function useTicks(matrix: Matrix) {
  const t = useText("subscription");
  const notify = useNotify();
  const reread = useReread();
  const [wanted, setWanted] = useState<Pending>(new Map());
  const [overtaken, setOvertaken] = useState(false);
  const [rereading, setRereading] = useState(false);
  const pending = useMemo(() => settled(wanted, matrix.items), [wanted, matrix.items]);
  const write = useUpdate(matrix.version, () => {
    setWanted(new Map());
    setOvertaken(false);
    notify.done(t("saved"));
  });
  useDraft(pending.size > 0, t("leave"));
  const again = useRef(reread);
  const { stale, dismiss } = write;
  useEffect(() => {
    if (!stale) return;
    setRereading(true); // a save before the newer version is here would be refused as well
    void again.current().then(() => {
      setOvertaken(true);
      setRereading(false);
    });
    dismiss();
  }, [stale, dismiss]);
  const tick = useCallback((row: Row, cell: Cell, ticked: boolean) => setWanted((now) => withTick(now, row, cell, ticked)), []);
  const column = useCallback((rows: Row[], channel: string, ticked: boolean) => setWanted((now) => withColumn(now, rows, channel, ticked)), []);
  const busy = write.busy || rereading;
  return { pending, tick, column, write, busy, overtaken, save: () => busy || write.run(changesOf(pending)), discard: () => (setWanted(new Map()), setOvertaken(false), dismiss()) };
}

export type Ticks = ReturnType<typeof useTicks>;

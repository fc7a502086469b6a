import type { MessageFilter } from "@api/types.gen";
import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { Dialog, Failure, Input } from "@/components/ui";
import { useText } from "@/lib/i18n";
import { type Box, type Sweep, sweep } from "../api.ts";

interface Sweeping {
  box: Box;
  what: Sweep | undefined;
  filter: MessageFilter;
  upTo: number;
  /** How many it is about, as shown, and as a number. */
  number: string;
  count: number;
  /** The filter in words. */
  scope: string;
  onClose: () => void;
}

/** Asks before all messages that a filter selects are marked or deleted, and shows how far it is. */
export function SweepDialog({ box, what, filter, upTo, number, count, scope, onClose }: Sweeping) {
  const t = useText("inbox");
  const client = useQueryClient();
  const [typed, setTyped] = useState("");
  const [done, setDone] = useState<number>();
  const [error, setError] = useState<unknown>();
  const stop = useRef<AbortController>(undefined);
  const deletes = what === "removeAll";
  const mustType = deletes && count > 100;
  const close = () => {
    stop.current?.abort();
    setTyped("");
    setDone(undefined);
    setError(undefined);
    onClose();
  };
  const run = async () => {
    if (!what) return;
    stop.current = new AbortController();
    setDone(0);
    try {
      await sweep(box, what, filter, upTo, stop.current.signal, setDone);
      close();
    } catch (thrown) {
      setError(thrown);
      setDone(undefined);
    }
    void client.invalidateQueries({ queryKey: [box] });
  };
  return (
    <Dialog
      open={what !== undefined}
      title={deletes ? t("sweep.deleteTitle", { n: number }) : t("sweep.readTitle", { n: number })}
      action={deletes ? t("sweep.delete") : t("sweep.read")}
      danger={deletes}
      busy={done !== undefined}
      disabled={mustType && typed.replace(/\D/g, "") !== String(count)}
      onAction={() => void run()}
      onCancel={close}
    >
      <p>{scope}</p>
      <p>{deletes ? t("sweep.final") : t("sweep.newerStay")}</p>
      {mustType && (
        <label className="b-field">
          {t("sweep.type", { n: count })}
          <Input inputMode="numeric" value={typed} onChange={(event) => setTyped(event.target.value)} />
        </label>
      )}
      {done !== undefined && <p role="status">{t("sweep.progress", { n: done })}</p>}
      {error !== undefined && <Failure error={error} />}
    </Dialog>
  );
}

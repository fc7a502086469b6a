import { Button } from "@/components/ui";
import { useText } from "@/lib/i18n";
import type { Sweep } from "../api.ts";
import type { useRights } from "./boxes.ts";

interface Bar {
  rights: ReturnType<typeof useRights>;
  selected: number;
  /** How many the filter selects, and of them unread: as text, since there may be more than are counted. */
  total: string;
  unread: string;
  anyUnread: boolean;
  any: boolean;
  filtered: boolean;
  onRead: () => void;
  onRemove: () => void;
  onSweep: (what: Sweep) => void;
}

/** What can be done to the selected messages, and to all that the filter selects. The buttons name what they are about. */
export function BatchBar({ rights, selected, total, unread, anyUnread, any, filtered, onRead, onRemove, onSweep }: Bar) {
  const t = useText("inbox");
  if (!rights.read && !rights.remove) return null;
  return (
    <div className="b-batch" role="group" aria-label={t("batch")}>
      <span aria-live="polite">{t("selected", { n: selected })}</span>
      {rights.read && (
        <Button disabled={selected === 0} onClick={onRead}>
          {t("markRead")}
        </Button>
      )}
      {rights.remove && (
        <Button disabled={selected === 0} onClick={onRemove}>
          {t("delete")}
        </Button>
      )}
      {rights.readAll && (
        <Button disabled={!anyUnread} onClick={() => onSweep("readAll")}>
          {t(filtered ? "markFiltered" : "markAll", { n: unread })}
        </Button>
      )}
      {rights.removeAll && (
        <Button danger disabled={!any} onClick={() => onSweep("removeAll")}>
          {t(filtered ? "deleteFiltered" : "deleteAll", { n: total })}
        </Button>
      )}
    </div>
  );
}

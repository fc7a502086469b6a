import { Icon, Link, TimeAgo } from "@/components/ui";
import { useText } from "@/lib/i18n";
import { useNames } from "@/lib/names";
import { type Box, type Message } from "../api.ts";
import { pathOf } from "./boxes.ts";

interface Row {
  box: Box;
  message: Message;
  search: string;
  /** Undefined where the reader may change nothing. */
  selected?: boolean;
  onSelect?: (selected: boolean) => void;
  active: boolean;
  current: boolean;
}

const icons = { info: "info", warning: "warning", critical: "warning" } as const;

/** A message in the list: unread ones have a dot, are bold, and say so to those who hear the page. */
export function MessageRow({ box, message, search, selected, onSelect, active, current }: Row) {
  const t = useText("inbox");
  const names = useNames();
  const classes = ["b-message", !message.read && "b-unread", active && "b-active", current && "b-current", `b-${message.severity}`];
  return (
    <div className={classes.filter(Boolean).join(" ")}>
      {onSelect && (
        <label className="b-box">
          <input type="checkbox" checked={selected} aria-label={t("select", { title: message.title })} onChange={(event) => onSelect(event.target.checked)} />
        </label>
      )}
      <span className="b-dot" aria-hidden="true" />
      <span className="b-severity" title={t(`severity.${message.severity}`)}>
        <Icon name={icons[message.severity]} />
        <span className="b-hidden">{t(`severity.${message.severity}`)}</span>
      </span>
      <Link to={`${pathOf(box)}/${message.id}${search}`} className="b-message-title" {...(current && { "aria-current": "page" as const })}>
        {!message.read && <span className="b-hidden">{t("unread")} </span>}
        <span lang={message.language}>{message.title}</span>
      </Link>
      {message.count > 1 && <span className="b-times">{t("times", { n: message.count })}</span>}
      <span className="b-message-type">
        {names.category(message.category)} · {names.type(message.type)}
      </span>
      <TimeAgo at={message.count > 1 ? message.last_seen_at : message.created_at} />
    </div>
  );
}

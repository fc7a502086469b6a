import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { Button, Chip, Dialog, Failure, Icon, Link, Loaded, TimeAt } from "@/components/ui";
import { useCan } from "@/lib/can";
import { useText } from "@/lib/i18n";
import { useNames } from "@/lib/names";
import { type Box, type Message, useMessage, useRemove } from "../api.ts";
import { pathOf, useRights } from "./boxes.ts";

interface Panel {
  box: Box;
  id: string;
  search: string;
  neighbours: { newer?: Message; older?: Message };
  onClosed: () => void;
}

const tones = { info: "info", warning: "warn", critical: "bad" } as const;

/** A message as it was sent: title, what and when, its text, where it leads. */
export function MessagePanel({ box, id, search, neighbours, onClosed }: Panel) {
  const query = useMessage(box, id);
  const client = useQueryClient();
  const t = useText("inbox");
  const read = query.data?.read;
  useEffect(() => {
    if (read) void client.invalidateQueries({ queryKey: [box], predicate: (each) => each.queryKey[1] !== "one" });
  }, [client, box, id, read]);
  return (
    <article className="b-message-panel" aria-label={t("message")}>
      <div className="b-message-nav">
        <Link to={`${pathOf(box)}${search}`}>
          <Icon name="left" /> {t("back")}
        </Link>
        {neighbours.newer && <Link to={`${pathOf(box)}/${neighbours.newer.id}${search}`}>{t("newer")}</Link>}
        {neighbours.older && <Link to={`${pathOf(box)}/${neighbours.older.id}${search}`}>{t("older")}</Link>}
      </div>
      <Loaded query={query}>{(message) => <Opened box={box} message={message} onDeleted={onClosed} />}</Loaded>
    </article>
  );
}

function Opened({ box, message, onDeleted }: { box: Box; message: Message & { body: string }; onDeleted: () => void }) {
  const t = useText("inbox");
  const can = useCan();
  const names = useNames();
  const rights = useRights(box);
  const [asking, setAsking] = useState(false);
  const remove = useRemove(box, onDeleted);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus({ preventScroll: true }), [message.id]);
  return (
    <>
      <h2 ref={heading} tabIndex={-1} lang={message.language}>
        {message.title}
      </h2>
      <p className="b-message-facts">
        <Chip tone={tones[message.severity]}>{t(`severity.${message.severity}`)}</Chip>
        <span>
          {names.category(message.category)} · {names.type(message.type)}
        </span>
        <TimeAt at={message.created_at} />
        {message.count > 1 && (
          <span>
            {t("times", { n: message.count })}, {t("last")} <TimeAt at={message.last_seen_at} />
          </span>
        )}
        {box === "message" && message.read_at && message.read_by_name && (
          <span>
            {t("readBy", { name: message.read_by_name })} <TimeAt at={message.read_at} />
          </span>
        )}
      </p>
      <div className="b-message-body" lang={message.language}>
        {message.body}
      </div>
      {message.link && <MessageLink link={message.link} />}
      <div className="b-form-buttons">
        {can("notification.get") && <Link to={`/notifications/${message.notification_id}`}>{t("why")}</Link>}
        {can("subscription.list") && <Link to={`/subscriptions/${message.type}`}>{t("typeSettings")}</Link>}
        {rights.remove && (
          <Button danger onClick={() => setAsking(true)}>
            {t("delete")}
          </Button>
        )}
      </div>
      <Dialog open={asking} title={t("deleteOne", { title: message.title })} action={t("delete")} danger busy={remove.busy} onAction={() => remove.run([message.id])} onCancel={() => setAsking(false)}>
        {t("sweep.final")}
        {remove.problem && <Failure error={remove.problem} />}
      </Dialog>
    </>
  );
}

/** Where the message leads, with the host that one comes to. */
function MessageLink({ link }: { link: string }) {
  const t = useText("inbox");
  const url = URL.canParse(link, location.origin) ? new URL(link, location.origin) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) return null;
  return (
    <p>
      <a className="b-button" href={url.href} target="_blank" rel="noopener noreferrer">
        <Icon name="open" /> {t("openLink")}
      </a>{" "}
      <span className="b-host">{url.host}</span>
    </p>
  );
}

import { Icon, Link } from "@/components/ui";
import { useCan } from "@/lib/can";
import { useText } from "@/lib/i18n";
import { useLive } from "@/lib/live";

/** The number of unread messages, as the server says it. */
export function Bell() {
  const t = useText("app");
  const can = useCan();
  const { unread } = useLive();
  const label = unread === undefined ? t("menu.inbox") : t("newMessages", { count: unread });
  return (
    <Link to={can("message.list") ? "/inbox" : "/me/inbox"} className="b-bell" aria-label={label}>
      <Icon name="bell" />
      {unread !== undefined && unread > 0 && <span aria-hidden="true">{unread > 99 ? "99+" : unread}</span>}
    </Link>
  );
}

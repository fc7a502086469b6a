import { messageList, myMessageList } from "@api/sdk.gen";
import { useQuery } from "@tanstack/react-query";
import { Navigate, useParams, useSearch } from "@tanstack/react-router";
import { Empty, Link, Loaded, Page as Frame } from "@/components/ui";
import { useCan, useProfile } from "@/lib/can";
import { useText } from "@/lib/i18n";

/** Where a link in a mail leads: to the message in the account's inbox, else in the own one; else it says whose it is. */
export function Page() {
  const t = useText("inbox");
  const { notification } = useParams({ strict: false }) as { notification: string };
  const { account } = useSearch({ strict: false }) as { account?: string };
  const profile = useProfile();
  const can = useCan();
  const query = useQuery({
    queryKey: ["message", "of", notification],
    queryFn: async ({ signal }) => {
      const asked = { query: { notification_id: notification, limit: 1 }, signal };
      const shared = can("message.list") ? (await messageList(asked)).data.items[0] : undefined;
      if (shared) return `/inbox/${shared.id}`;
      const own = (await myMessageList(asked)).data.items[0];
      return own ? `/me/inbox/${own.id}` : "";
    },
  });
  return (
    <Frame title={t("ofNotification")}>
      <Loaded query={query}>{(to) => (to ? <Navigate to={to as "."} replace /> : <NotMine account={account} mine={profile.account.alias} />)}</Loaded>
    </Frame>
  );
}

function NotMine({ account, mine }: { account: string | undefined; mine: string }) {
  const t = useText("inbox");
  const other = account !== undefined && account !== mine;
  return (
    <Empty text={other ? t("otherAccount", { account, mine }) : t("gone")}>
      <Link to="/">{t("toInbox")}</Link>
    </Empty>
  );
}

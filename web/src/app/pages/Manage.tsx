import { Navigate, useSearch } from "@tanstack/react-router";
import { Empty, Link, Page as Frame } from "@/components/ui";
import { useCan, useProfile } from "@/lib/can";
import { useText } from "@/lib/i18n";

/** Where "manage what I receive" in mails leads: to the account's subscriptions, else to the own contact details. */
export function Page() {
  const t = useText("app");
  const { account } = useSearch({ strict: false }) as { account?: string };
  const mine = useProfile().account.alias;
  const can = useCan();
  if (account !== undefined && account !== mine) {
    return (
      <Frame title={t("manage.title")}>
        <Empty text={t("manage.otherAccount", { account, mine })}>
          <Link to="/">{t("manage.home")}</Link>
        </Empty>
      </Frame>
    );
  }
  const to = can("subscription.list") ? "/subscriptions" : can("my_contact.get") ? "/settings/contact" : "/";
  return <Navigate to={to as "."} replace />;
}

import { Link, Page as Frame } from "@/components/ui";
import { AccountSettings } from "@/features/ownaccount/components/AccountSettings.tsx";
import { ContactDetails } from "@/features/owncontact/components/ContactDetails.tsx";
import { useCan } from "@/lib/can";
import { useText } from "@/lib/i18n";
import { Panel } from "./Panel.tsx";

/** What is the account's: name, language, zone, and the account contact. */
export function Page() {
  const t = useText("app");
  const can = useCan();
  return (
    <Frame title={t("settings.account")} tools={<Link to="/settings">{t("menu.settings")}</Link>}>
      <Panel title={t("settings.account")}>
        <AccountSettings />
      </Panel>
      {can("account.contact") && (
        <Panel title={t("settings.accountContact")}>
          <p>{t("settings.accountContactHint")}</p>
          <ContactDetails whose="account" />
        </Panel>
      )}
    </Frame>
  );
}

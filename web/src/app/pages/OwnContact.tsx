import { Link, Page as Frame } from "@/components/ui";
import { ContactDetails } from "@/features/owncontact/components/ContactDetails.tsx";
import { useText } from "@/lib/i18n";
import { Panel } from "./Panel.tsx";

/** The reader's own contact details, whatever the rights in the account. */
export function Page() {
  const t = useText("app");
  return (
    <Frame title={t("menu.myContact")} tools={<Link to="/settings">{t("menu.settings")}</Link>}>
      <Panel title={t("settings.ownContact")}>
        <ContactDetails whose="me" />
      </Panel>
    </Frame>
  );
}

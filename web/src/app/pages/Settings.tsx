import { useId } from "react";
import { Link, Page as Frame, Segmented, Switch } from "@/components/ui";
import { KeyList } from "@/features/credential/components/KeyList.tsx";
import { SessionList } from "@/features/credential/components/SessionList.tsx";
import { PasswordForm } from "@/features/profile/components/PasswordForm.tsx";
import { ProfileForm } from "@/features/profile/components/ProfileForm.tsx";
import { useCan } from "@/lib/can";
import { languages, useLanguage, useText } from "@/lib/i18n";
import { useSpeak } from "@/lib/speak";
import { browserZone } from "@/lib/time";
import { choose, useSettings } from "../settings.ts";
import { Panel } from "./Panel.tsx";

/** What is the reader's own: profile, this browser, password, sessions, access keys. */
export function Page() {
  const t = useText("app");
  const can = useCan();
  return (
    <Frame
      title={t("menu.settings")}
      tools={
        <>
          {can("my_contact.get") && <Link to="/settings/contact">{t("menu.myContact")}</Link>}
          {can("account.self") && <Link to="/settings/account">{t("settings.account")}</Link>}
        </>
      }
    >
      <Panel title={t("settings.profile")}>
        <ProfileForm />
      </Panel>
      <Panel title={t("settings.browser")}>
        <ThisBrowser />
      </Panel>
      {can("profile.password") && (
        <Panel title={t("password")}>
          <PasswordForm />
        </Panel>
      )}
      {can("session.list") && (
        <Panel title={t("settings.sessions")}>
          <SessionList />
        </Panel>
      )}
      {can("access_key.list") && (
        <Panel title={t("settings.keys")}>
          <KeyList />
        </Panel>
      )}
    </Frame>
  );
}

/** Look, language, zone and keys: kept in this browser alone. */
function ThisBrowser() {
  const t = useText("app");
  const speak = useSpeak();
  const language = useLanguage();
  const { theme, ownZone, keys } = useSettings();
  const id = useId();
  const looks = (["light", "dark", "system"] as const).map((value) => ({ value, label: t(`theme.${value}`) }));
  return (
    <>
      <Segmented aria-label={t("theme.label")} options={looks} value={theme} onChange={(value) => choose({ theme: value })} />
      <Segmented aria-label={t("language")} options={Object.entries(languages).map(([value, label]) => ({ value: value as keyof typeof languages, label }))} value={language} onChange={speak} />
      <label htmlFor={`${id}zone`} className="b-switch">
        <Switch id={`${id}zone`} checked={ownZone} onChange={(value) => choose({ ownZone: value })} /> {t("settings.ownZone", { zone: browserZone() })}
      </label>
      <label htmlFor={`${id}keys`} className="b-switch">
        <Switch id={`${id}keys`} checked={keys} onChange={(value) => choose({ keys: value })} /> {t("settings.singleKeys")}
      </label>
    </>
  );
}

import { App } from "antd";
import { Outlet, useLocation } from "@tanstack/react-router";
import { Suspense, useEffect, useMemo } from "react";
import { Loading } from "@/components/ui";
import { type Profile, useProfile } from "@/lib/can";
import { showLanguage, useText } from "@/lib/i18n";
import { KeysContext } from "@/lib/keys";
import { LiveContext } from "@/lib/live";
import { browserZone, TimeContext } from "@/lib/time";
import { spoken } from "../language.ts";
import { useSettings } from "../settings.ts";
import { loadTexts } from "../texts.ts";
import { ConnectionBar } from "./ConnectionBar.tsx";
import { Keys } from "./Keys.tsx";
import { Navigation } from "./Navigation.tsx";
import { Popups } from "./Popups.tsx";
import { SignInAgain } from "./SignInAgain.tsx";
import { TopBar } from "./TopBar.tsx";
import { useInboxLive } from "./useInboxLive.ts";
import { Zone } from "./Zone.tsx";

/** What stands around every page: bar, menu, and what follows the person from page to page. */
export function Shell() {
  const profile = useProfile();
  const t = useText("app");
  const live = useInboxLive(profile);
  useLanguageOf(profile);
  const time = useTimeOf(profile);
  const { keys } = useSettings();
  const { pathname } = useLocation();
  return (
    <App component={false}>
    <TimeContext value={time}>
      <LiveContext value={live}>
      <KeysContext value={keys}>
        <a className="b-skip" href="#content" onClick={toContent}>
          {t("skip")}
        </a>
        <TopBar />
        <ConnectionBar />
        <div className="b-body">
          <Navigation />
          <main id="content" tabIndex={-1} key={sectionOf(pathname)}>
            <Suspense fallback={<Loading />}>
              <Outlet />
            </Suspense>
            <Zone />
          </main>
        </div>
        <Popups />
        <SignInAgain />
        <Keys />
      </KeysContext>
      </LiveContext>
    </TimeContext>
    </App>
  );
}

/** Pages of one section keep their state when the address changes below them. */
const sectionOf = (path: string) => path.split("/").slice(0, 3).join("/");

function toContent(event: { preventDefault: () => void }) {
  event.preventDefault();
  document.getElementById("content")?.focus();
}

/** Follows the profile: another tab may have changed it. */
function useLanguageOf(profile: Profile) {
  const language = spoken(profile);
  useEffect(() => void showLanguage(language, loadTexts), [language]);
}

function useTimeOf(profile: Profile) {
  const { ownZone } = useSettings();
  const language = spoken(profile);
  const zone = ownZone ? browserZone() : profile.effective.time_zone || browserZone();
  return useMemo(() => ({ zone, language }), [zone, language]);
}

import { QueryClientProvider, type QueryClient } from "@tanstack/react-query";
import { App as AntApp, ConfigProvider, theme } from "antd";
import en from "antd/locale/en_US";
import zh from "antd/locale/zh_CN";
import { type ReactNode, useEffect, useMemo } from "react";
import { type Language, showLanguage, useLanguage } from "@/lib/i18n";
import { useMedia } from "@/lib/narrow";
import { SpeakContext } from "@/lib/speak";
import { nonce } from "./nonce.ts";
import { choose, useSettings } from "./settings.ts";
import { loadTexts } from "./texts.ts";
import { publish, tokens } from "./tokens.ts";

/** What every page stands in: the cache, the look and the language of antd's parts. */
export function Providers({ client, children }: { client: QueryClient; children: ReactNode }) {
  const dark = useDark();
  const still = useMedia("(prefers-reduced-motion: reduce)");
  const look = useMemo(() => tokens(dark, still), [dark, still]);
  return (
    <QueryClientProvider client={client}>
      <ConfigProvider csp={{ nonce }} theme={look} locale={useLanguage() === "zh-CN" ? zh : en} button={{ autoInsertSpace: false }} wave={{ disabled: true }} virtual={false}>
        <AntApp>
          <Published dark={dark} />
          <SpeakContext value={speak}>{children}</SpeakContext>
        </AntApp>
      </ConfigProvider>
    </QueryClientProvider>
  );
}

/** Shows another language, and keeps it for the next visit. */
function speak(language: Language) {
  choose({ language });
  void showLanguage(language, loadTexts);
}

/** Whether the look is dark: as chosen, else as the system is. */
function useDark(): boolean {
  const { theme: wanted } = useSettings();
  const system = useMedia("(prefers-color-scheme: dark)");
  return wanted === "dark" || (wanted === "system" && system);
}

function Published({ dark }: { dark: boolean }) {
  const { token } = theme.useToken();
  useEffect(() => publish(token, dark), [token, dark]);
  return null;
}

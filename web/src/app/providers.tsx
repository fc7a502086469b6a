import { QueryClientProvider, type QueryClient } from "@tanstack/react-query";
import { ConfigProvider, theme } from "antd";
import en from "antd/locale/en_US";
import zh from "antd/locale/zh_CN";
import { type ReactNode, useEffect, useMemo } from "react";
import { type Language, showLanguage, useLanguage } from "@/lib/i18n";
import { useMedia } from "@/lib/narrow";
import { SpeakContext } from "@/lib/speak";
import { nonce } from "./nonce.ts";
import { choose } from "./settings.ts";
import { loadTexts } from "./texts.ts";
import { publish, tokens } from "./tokens.ts";
import { useDark } from "./useDark.ts";

/** What every page stands in: the cache, the look and the language of antd's parts. */
export function Providers({ client, children }: { client: QueryClient; children: ReactNode }) {
  const dark = useDark();
  const still = useMedia("(prefers-reduced-motion: reduce)");
  const look = useMemo(() => tokens(dark, still), [dark, still]);
  return (
    <QueryClientProvider client={client}>
      <ConfigProvider csp={{ nonce }} theme={look} locale={useLanguage() === "zh-CN" ? zh : en} button={{ autoInsertSpace: false }} wave={{ disabled: true }} virtual={false}>
        <Published dark={dark} />
        <SpeakContext value={speak}>{children}</SpeakContext>
      </ConfigProvider>
    </QueryClientProvider>
  );
}

/** Shows another language, and keeps it for the next visit. */
function speak(language: Language) {
  choose({ language });
  void showLanguage(language, loadTexts);
}

function Published({ dark }: { dark: boolean }) {
  const { token } = theme.useToken();
  useEffect(() => publish(token, dark), [token, dark]);
  return null;
}

import i18next, { type TFunction } from "i18next";
import { initReactI18next, useTranslation } from "react-i18next";

/** The languages of the console. */
export const languages = { "zh-CN": "简体中文", "en-US": "English" } as const;
export type Language = keyof typeof languages;

/**
 * The texts by feature. Each feature adds its own in texts.en-US.ts:
 *   declare module "@/lib/i18n" { interface Texts { inbox: typeof texts } }
 */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- the features fill it
export interface Texts {}

/** Texts have the same keys in all languages, with other values. */
export type Same<T> = { [K in keyof T]: T[K] extends string ? string : Same<T[K]> };

declare module "i18next" {
  interface CustomTypeOptions {
    resources: Texts;
    returnNull: false;
  }
}

type Bundle = Record<string, object>;

type Load = (language: Language) => Promise<Bundle>;

/** What texts are read from, with the languages that were. */
const read = new Map<Load, Set<Language>>();

async function readTexts(load: Load, language: Language): Promise<void> {
  const known = read.get(load) ?? new Set();
  read.set(load, known);
  if (known.has(language)) return;
  for (const [feature, texts] of Object.entries(await load(language))) i18next.addResourceBundle(language, feature, texts);
  known.add(language);
}

/** Starts the texts; load reads those of a language when it is first shown. */
export async function startTexts(language: Language, load: Load): Promise<void> {
  await i18next.use(initReactI18next).init({ lng: language, fallbackLng: false, resources: {}, interpolation: { escapeValue: false }, returnNull: false });
  i18next.on("languageChanged", (chosen) => {
    document.documentElement.lang = chosen;
  });
  await showLanguage(language, load);
}

/** Reads more texts, in the language that is shown and in those shown from now on. */
export async function addTexts(load: Load): Promise<void> {
  await readTexts(load, languageOf(i18next.language));
}

/** Shows a language. Where it is shown already nothing happens: whoever is told of a change draws everything again, and navigates again. */
export async function showLanguage(language: Language, load: Load): Promise<void> {
  await Promise.all([...new Set([load, ...read.keys()])].map((each) => readTexts(each, language)));
  if (i18next.language !== language) await i18next.changeLanguage(language);
  document.documentElement.lang = language;
}

/** The texts of a feature: const t = useText("inbox"); t("title"). */
export function useText<F extends keyof Texts & string>(feature: F): TFunction<F> {
  return useTranslation(feature).t as TFunction<F>;
}

/** The language shown now. */
export function useLanguage(): Language {
  return languageOf(useTranslation().i18n.language);
}

/** The language of the console that is nearest to what somebody prefers; "" prefers nothing. */
export function languageOf(...preferred: string[]): Language {
  const first = preferred.find(Boolean) ?? "";
  return /^(zh|$)/i.test(first) ? "zh-CN" : "en-US";
}

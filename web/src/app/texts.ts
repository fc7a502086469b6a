import type { Language } from "@/lib/i18n";

// The texts of all features in one file per language, which is read when it is first shown.
const files = {
  "zh-CN": () => import("./bundle.zh-CN.ts"),
  "en-US": () => import("./bundle.en-US.ts"),
};

/** Reads the texts of a language, by feature. */
export const loadTexts = async (language: Language) => (await files[language]()).default;

import type { Language } from "@/lib/i18n";

// The texts in two files per language: what the first visit shows, and all others. A file is
// read when it is first needed.
const first = { "zh-CN": () => import("./first.zh-CN.ts"), "en-US": () => import("./first.en-US.ts") };
const others = { "zh-CN": () => import("./bundle.zh-CN.ts"), "en-US": () => import("./bundle.en-US.ts") };

/** Reads the texts of the first pages in a language, by feature. */
export const loadTexts = async (language: Language) => (await first[language]()).default;

/** Reads the texts of all other pages. */
export const loadOtherTexts = async (language: Language) => (await others[language]()).default;

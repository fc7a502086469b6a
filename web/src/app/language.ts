import type { Profile } from "@/lib/can";
import { type Language, languageOf } from "@/lib/i18n";
import { chosen } from "./settings.ts";

/** The language of the profile, else the account's; what was chosen in this browser counts where neither says anything. */
export const spoken = (profile: Profile): Language => languageOf(profile.language, profile.effective.language, chosen().language, navigator.language);

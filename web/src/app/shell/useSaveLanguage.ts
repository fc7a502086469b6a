import { profileUpdate } from "@api/sdk.gen";
import { useQueryClient } from "@tanstack/react-query";
import { profileQuery, useCan } from "@/lib/can";
import type { Language } from "@/lib/i18n";

/** Keeps the language in the profile, so that messages come in it, too. */
export function useSaveLanguage() {
  const client = useQueryClient();
  const can = useCan();
  return (language: Language) => {
    if (!can("profile.update")) return;
    void profileUpdate({ body: { language } })
      .then(() => client.invalidateQueries({ queryKey: profileQuery.queryKey }))
      .catch(() => undefined); // it holds for this browser
  };
}

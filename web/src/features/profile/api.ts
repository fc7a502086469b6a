import { profileGet, profilePassword, profileUpdate } from "@api/sdk.gen";
import type { UpdateProfileInBody } from "@api/types.gen";
import { useQueryClient } from "@tanstack/react-query";
import { type Sending, useEdit, useForm } from "@/components/ui";
import { type Profile, profileQuery } from "@/lib/can";

/** What of a profile its owner changes; language "" follows the account. */
interface Values {
  display_name: string;
  language: "" | "zh-CN" | "en-US";
  popups: boolean;
}

const values = (profile: Profile): Values => ({ display_name: profile.display_name, language: profile.language as Values["language"], popups: profile.popups });

/** What goes out: only what changed; the account's language is null. */
export function bodyOf({ language, ...others }: Partial<Values>): UpdateProfileInBody {
  return { ...others, ...(language !== undefined && { language: language || null }) };
}

export function useProfileForm(profile: Profile, done: () => void) {
  const client = useQueryClient();
  const saved = async () => {
    await client.invalidateQueries({ queryKey: profileQuery.queryKey });
    done();
  };
  return useEdit({
    current: profile,
    values,
    send: (change: Partial<Values>, { headers }: Sending) => profileUpdate({ body: bodyOf(change), headers }),
    read: async () => (await profileGet()).data,
    done: () => void saved(),
  });
}

export function usePasswordForm(done: () => void) {
  return useForm({ initial: { current: "", new: "" }, send: (body, { headers }) => profilePassword({ body, headers }), done });
}

import type { AudienceView } from "@api/types.gen";
import { Facts, TimeAt } from "@/components/ui";
import { languages, useText } from "@/lib/i18n";

/** Whom an announcement selects. */
export function AudienceFacts({ audience }: { audience: AudienceView }) {
  const t = useText("announcement");
  const { accounts, alias_prefix, language, time_zone, created_from, created_to } = audience;
  const items = [
    [t("accounts"), accounts > 0 && t("audienceListed", { n: accounts })],
    [t("alias_prefix"), alias_prefix],
    [t("language"), language && (languages[language as "en-US"] ?? language)],
    [t("time_zone"), time_zone],
    [t("created_from"), created_from && <TimeAt key="from" at={created_from} />],
    [t("created_to"), created_to && <TimeAt key="to" at={created_to} />],
  ] as const;
  return items.some(([, value]) => value) ? <Facts items={items} /> : <p>{t("all")}</p>;
}

import { sessionDelete } from "@api/sdk.gen";
import { useQueryClient } from "@tanstack/react-query";
import { Button, Dropdown, Icon } from "@/components/ui";
import { useProfile } from "@/lib/can";
import { languages, type Language, useText } from "@/lib/i18n";
import { useSpeak } from "@/lib/speak";
import { choose, useSettings } from "../settings.ts";
import { useSaveLanguage } from "./useSaveLanguage.ts";

const looks = ["light", "dark", "system"] as const;

/** Language, look and the way out. */
export function PersonMenu() {
  const t = useText("app");
  const profile = useProfile();
  const { theme } = useSettings();
  const client = useQueryClient();
  const save = useSaveLanguage();
  const show = useSpeak();
  const speak = (language: Language) => {
    show(language);
    save(language);
  };
  const leave = async () => {
    await sessionDelete({ path: { id: "current" } });
    client.clear();
    new BroadcastChannel("belfry session").postMessage("ended");
    location.assign("/console/sign-in");
  };
  const items = [
    { key: "language", type: "group" as const, label: t("language"), children: (Object.keys(languages) as Language[]).map((each) => ({ key: each, label: <span lang={each}>{languages[each]}</span>, onClick: () => speak(each) })) },
    { key: "look", type: "group" as const, label: t("theme.label"), children: looks.map((each) => ({ key: each, label: t(`theme.${each}`), icon: each === theme ? <Icon name="check" /> : <span className="b-icon" />, onClick: () => choose({ theme: each }) })) },
    { type: "divider" as const },
    { key: "leave", label: t("endSession"), onClick: () => void leave() },
  ];
  const name = profile.display_name || profile.name;
  return (
    <Dropdown menu={{ items }} trigger={["click"]} placement="bottomRight">
      <Button type="text" className="b-person" aria-label={t("user", { name })} aria-haspopup="menu" icon={<Icon name="user" />}>
        <span className="b-person-name">{name}</span>
      </Button>
    </Dropdown>
  );
}

import { Segmented } from "@/components/ui";
import { languages, type Language, useLanguage, useText } from "@/lib/i18n";
import { useSpeak } from "@/lib/speak";

/** Chooses the language before anybody is known. */
export function LanguageSwitch() {
  const t = useText("session");
  const speak = useSpeak();
  const options = (Object.keys(languages) as Language[]).map((value) => ({ value, label: <span lang={value}>{languages[value]}</span> }));
  return (
    <div className="b-languages">
      <Segmented aria-label={t("language")} value={useLanguage()} options={options} onChange={speak} />
    </div>
  );
}

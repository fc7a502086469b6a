import type { CountsView } from "@api/types.gen";
import { useText } from "@/lib/i18n";
import { useNames } from "@/lib/names";

/** "All" and a button for each category; the numbers are unread messages, and none where other filters hold. */
export function CategoryTabs({ counts, value, onChange, numbers }: { counts: CountsView | undefined; value: string; onChange: (category: string) => void; numbers: boolean }) {
  const t = useText("inbox");
  const names = useNames();
  const unread = (key: string) => (key ? (counts?.categories.find((each) => each.category === key)?.unread ?? 0) : (counts?.unread ?? 0));
  const known = names.categories.map((each) => each.key);
  const others = (counts?.categories ?? []).map((each) => each.category).filter((key) => !known.includes(key));
  return (
    <div className="b-categories" role="group" aria-label={t("categories")}>
      {["", ...known, ...others].map((key) => (
        <button key={key} type="button" aria-pressed={value === key} onClick={() => onChange(key)}>
          {key ? names.category(key) : t("all")} {numbers && counts && <TabNumber value={unread(key)} />}
        </button>
      ))}
    </div>
  );
}

function TabNumber({ value }: { value: number }) {
  const t = useText("inbox");
  return (
    <span className="b-count" data-unread={value}>
      {value.toLocaleString()}
      <span className="b-hidden"> {t("unread")}</span>
    </span>
  );
}

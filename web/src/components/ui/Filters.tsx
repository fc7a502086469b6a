import { type ReactNode, useEffect, useRef, useState } from "react";
import { useText } from "@/lib/i18n";
import { useNarrow } from "@/lib/narrow";
import { Button, Input } from "./antd.ts";
import { Icon } from "./Icon.tsx";

/** The filters above a list: in a row, behind one button on a phone. */
export function FilterBar({ children, any, onClear }: { children: ReactNode; any: boolean; onClear: () => void }) {
  const t = useText("ui");
  const narrow = useNarrow();
  const [open, setOpen] = useState(false);
  const clear = any && (
    <Button type="link" onClick={onClear}>
      {t("clearFilter")}
    </Button>
  );
  if (narrow && !open) {
    return (
      <div className="b-filters">
        <Button onClick={() => setOpen(true)} aria-expanded={false}>
          {any ? t("filtersSet") : t("filters")}
        </Button>
        {clear}
      </div>
    );
  }
  return (
    <search className="b-filters">
      {children}
      {clear}
    </search>
  );
}

/** A choice among the values of a filter; all of them when nothing is chosen. The browser's own control: antd's weighs 25 kB. */
export function ChoiceFilter({ label, value, options, onChange }: { label: string; value: string | undefined; options: { value: string; label: string }[]; onChange: (value: string) => void }) {
  return (
    <select className="b-date b-filter" aria-label={label} value={value ?? ""} onChange={(event) => onChange(event.target.value)}>
      <option value="">{label}</option>
      {options.map((each) => (
        <option key={each.value} value={each.value}>
          {each.label}
        </option>
      ))}
    </select>
  );
}

/** A text to search for: asked 300 ms after the last key. "/" on the page comes here. */
export function SearchFilter({ label, value, onChange }: { label: string; value: string | undefined; onChange: (value: string) => void }) {
  const [text, setText] = useState(value ?? "");
  const sent = useRef(value ?? "");
  useEffect(() => {
    if ((value ?? "") !== sent.current) setText(value ?? "");
    sent.current = value ?? "";
  }, [value]);
  useEffect(() => {
    if (text.trim() === sent.current) return;
    const timer = setTimeout(() => {
      sent.current = text.trim();
      onChange(sent.current);
    }, 300);
    return () => clearTimeout(timer);
  }, [text, onChange]);
  return <Input type="search" className="b-filter b-search" data-search aria-label={label} placeholder={label} prefix={<Icon name="search" />} value={text} maxLength={200} allowClear onChange={(event) => setText(event.target.value)} />;
}

/** Two inclusive days. */
export function DaysFilter({ from, to, onChange }: { from: string | undefined; to: string | undefined; onChange: (days: { from: string; to: string }) => void }) {
  const t = useText("ui");
  return (
    <span className="b-days">
      <input type="date" className="b-date" aria-label={t("fromDay")} value={from ?? ""} max={to} onChange={(event) => onChange({ from: event.target.value, to: to ?? "" })} />
      <span aria-hidden="true">→</span>
      <input type="date" className="b-date" aria-label={t("toDay")} value={to ?? ""} min={from} onChange={(event) => onChange({ from: from ?? "", to: event.target.value })} />
    </span>
  );
}

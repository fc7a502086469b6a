import { type KeyboardEvent, type ReactNode, useId } from "react";

interface Panel<K extends string> {
  key: K;
  label: string;
  children: ReactNode;
}

/** Tabs that scroll sideways where they do not fit; arrows, Home and End move among them. */
export function PanelTabs<K extends string>({ label, items, active, onChange }: { label: string; items: Panel<K>[]; active: K; onChange: (key: K) => void }) {
  const id = useId();
  const at = items.findIndex((each) => each.key === active);
  const move = (event: KeyboardEvent<HTMLElement>) => {
    const steps: Record<string, number> = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: items.length - 1 };
    const to = steps[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = items[(to + items.length) % items.length];
    if (!next) return;
    onChange(next.key);
    document.getElementById(`${id}${next.key}`)?.focus();
  };
  return (
    <>
      <div role="tablist" aria-label={label} className="b-panel-tabs">
        {items.map((each) => (
          <button key={each.key} type="button" role="tab" id={id + each.key} aria-selected={each.key === active} aria-controls={each.key === active ? `${id}panel` : undefined} tabIndex={each.key === active ? 0 : -1} onClick={() => onChange(each.key)} onKeyDown={move}>
            {each.label}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${id}panel`} aria-labelledby={id + active} className="b-panel">
        {items[at]?.children}
      </div>
    </>
  );
}

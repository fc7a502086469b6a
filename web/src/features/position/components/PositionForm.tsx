import { useState } from "react";
import { Button, Field, Form, type FormState, Input, Loaded, useNotify } from "@/components/ui";
import { useCan } from "@/lib/can";
import { useText } from "@/lib/i18n";
import "../position.css";
import { type Line, usePositionForm, usePositions } from "../api.ts";

type Lines = { items: Line[] };
type Query = NonNullable<ReturnType<typeof usePositions>["data"]>;

/** The positions that contacts can have, in the order in which they are offered. */
export function PositionForm() {
  const [round, setRound] = useState(0);
  return <Loaded query={usePositions()}>{(positions) => <Opened key={round} positions={positions} onSaved={() => setRound((now) => now + 1)} />}</Loaded>;
}

function Opened({ positions, onSaved }: { positions: Query; onSaved: () => void }) {
  const t = useText("position");
  const can = useCan();
  const notify = useNotify();
  const { form, conflict } = usePositionForm(positions, () => t("title"), () => (notify.done(t("saved")), onSaved()));
  const { items } = form.values;
  if (!can("position.replace")) return <ul className="b-lines">{items.map((each) => <li key={each.key}>{`${each.zh} · ${each.en} (${each.key})`}</li>)}</ul>;
  return (
    <Form form={form} action={t("save")} disabled={!form.dirty}>
      <p className="b-hint">{t("note")}</p>
      {items.map((each, at) => (
        <OnePosition key={at} form={form} line={each} at={at} />
      ))}
      <div className="b-form-buttons">
        <Button onClick={() => form.set({ items: [...items, { key: "", zh: "", en: "" }] })}>{t("add")}</Button>
      </div>
      {conflict}
    </Form>
  );
}

function OnePosition({ form, line, at }: { form: FormState<Lines>; line: Line; at: number }) {
  const t = useText("position");
  const { items } = form.values;
  const put = (change: Partial<Line>) => form.set({ items: items.map((each, i) => (i === at ? { ...each, ...change } : each)) });
  const name = line.zh || line.en || line.key || String(at + 1);
  const up = () => form.set({ items: items.toSpliced(at, 1).toSpliced(at - 1, 0, line) });
  return (
    <div role="group" aria-label={name} className="b-position">
      <Field form={form} pointer={`#/items/${at}/key`} label={t("key")}>
        {(control) => <Input {...control} maxLength={32} value={line.key} onChange={(event) => put({ key: event.target.value })} />}
      </Field>
      <Field form={form} pointer={`#/items/${at}/names/zh-CN`} label={t("zh")}>
        {(control) => <Input {...control} lang="zh-CN" maxLength={50} value={line.zh} onChange={(event) => put({ zh: event.target.value })} />}
      </Field>
      <Field form={form} pointer={`#/items/${at}/names/en-US`} label={t("en")}>
        {(control) => <Input {...control} lang="en-US" maxLength={50} value={line.en} onChange={(event) => put({ en: event.target.value })} />}
      </Field>
      <span className="b-actions">
        <Button aria-label={t("upOf", { name })} disabled={at === 0} onClick={up}>{t("up")}</Button>
        <Button aria-label={t("removeOf", { name })} onClick={() => form.set({ items: items.toSpliced(at, 1) })}>{t("remove")}</Button>
      </span>
    </div>
  );
}

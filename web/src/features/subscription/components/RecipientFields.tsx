import { useState } from "react";
import { Button, Field, Form, Input, useForm } from "@/components/ui";
import { useCan } from "@/lib/can";
import { useText } from "@/lib/i18n";
import { useNames } from "@/lib/names";
import { type Row, useChoices, useQuickAdd } from "../api.ts";
import { type Recipients, toggled, withKind } from "./recipients.ts";

interface Fields {
  values: Recipients;
  onChange: (values: Recipients) => void;
  editable: boolean;
  /** The row whose caps can be set; undefined for a whole category. */
  row?: Row;
}

/** Contacts or groups, bots, and how much a day may bring. */
export function RecipientFields({ values, onChange, editable, row }: Fields) {
  const t = useText("subscription");
  const can = useCan();
  const [adding, setAdding] = useState(false);
  const targets = useChoices(values.kind);
  const bots = useChoices("bots");
  const choose = (kind: Recipients["kind"]) => onChange(withKind(values, kind));
  return (
    <>
      <fieldset className="b-fieldset" disabled={!editable}>
        <legend>{t("who")}</legend>
        <div className="b-inline">
          {(["contacts", "groups"] as const).map((kind) => (
            <label key={kind} className="b-inline">
              <input type="radio" name="kind" checked={values.kind === kind} onChange={() => choose(kind)} /> {t(kind)}
            </label>
          ))}
        </div>
        <p className="b-hint">{values.ids.length === 0 ? t("emptyMeansAccount") : t("switchDrops")}</p>
        <Choices label={t(values.kind)} items={targets.data ?? []} chosen={values.ids} onToggle={(id) => onChange({ ...values, ids: toggled(values.ids, id) })} />
        {editable && values.kind === "contacts" && can("contact.create") && !adding && (
          <Button onClick={() => setAdding(true)} className="b-start">{t("quickAdd")}</Button>
        )}
      </fieldset>
      {adding && <QuickAdd onDone={(id) => (setAdding(false), id && onChange({ ...values, ids: [...values.ids, id] }))} />}
      {(bots.data?.length ?? 0) > 0 && (
        <fieldset className="b-fieldset" disabled={!editable}>
          <legend>{t("bots")}</legend>
          <label className="b-inline">
            <input type="checkbox" checked={values.everyBot} onChange={(event) => onChange({ ...values, everyBot: event.target.checked })} /> {t("everyBotLater")}
          </label>
          {!values.everyBot && <Choices label={t("bots")} items={bots.data ?? []} chosen={values.bots} onToggle={(id) => onChange({ ...values, bots: toggled(values.bots, id) })} />}
        </fieldset>
      )}
      {row && <Caps row={row} values={values} onChange={onChange} editable={editable} />}
    </>
  );
}

/** A list with check boxes and, when it is long, a search. */
function Choices({ label, items, chosen, onToggle }: { label: string; items: { id: string; name: string; hint: string }[]; chosen: string[]; onToggle: (id: string) => void }) {
  const t = useText("subscription");
  const [q, setQ] = useState("");
  const wanted = q.toLowerCase();
  const shown = items.filter((each) => `${each.name} ${each.hint}`.toLowerCase().includes(wanted));
  return (
    <div role="group" aria-label={label} className="b-choices">
      {items.length > 8 && <Input type="search" aria-label={t("find")} placeholder={t("find")} value={q} onChange={(event) => setQ(event.target.value)} />}
      {items.length === 0 && <p className="b-hint">{t("noneYet")}</p>}
      {shown.map((each) => (
        <label key={each.id} className="b-inline">
          <input type="checkbox" checked={chosen.includes(each.id)} onChange={() => onToggle(each.id)} /> {each.name} <span className="b-hint">{each.hint}</span>
        </label>
      ))}
    </div>
  );
}

function QuickAdd({ onDone }: { onDone: (id?: string) => void }) {
  const t = useText("subscription");
  const add = useQuickAdd(onDone);
  const form = useForm({ initial: { name: "", email: "" }, send: add.send, done: (contact) => void add.done(contact) });
  return (
    <section className="b-quick" aria-label={t("quickAdd")}>
      <Form form={form} action={t("add")} onCancel={() => onDone()}>
        <Field form={form} pointer="#/name" label={t("name")} required hint={t("nameRule")}>
          {(control) => <Input {...control} value={form.values.name} autoComplete="off" onChange={(event) => form.set({ name: event.target.value })} />}
        </Field>
        <Field form={form} pointer="#/addresses" label={t("email")} required hint={t("invites")}>
          {(control) => <Input {...control} inputMode="email" autoComplete="off" value={form.values.email} onChange={(event) => form.set({ email: event.target.value })} />}
        </Field>
      </Form>
    </section>
  );
}

function Caps({ row, values, onChange, editable }: { row: Row; values: Recipients; onChange: Fields["onChange"]; editable: boolean }) {
  const t = useText("subscription");
  const names = useNames();
  return (
    <fieldset className="b-fieldset" disabled={!editable}>
      <legend>{t("caps")}</legend>
      {row.cells.filter((cell) => cell.channel !== "inbox").map((cell) => (
        <label key={cell.channel} className="b-inline">
          {names.channel(cell.channel)}
          <Input className="b-number" type="number" min={1} max={100_000} placeholder={t("noCap")} value={values.caps[cell.channel] ?? ""} onChange={(event) => onChange({ ...values, caps: { ...values.caps, [cell.channel]: event.target.value } })} />
        </label>
      ))}
    </fieldset>
  );
}

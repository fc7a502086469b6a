import { type RefObject, useRef } from "react";
import { Button, Field, type FormState, Input, PanelTabs } from "@/components/ui";
import { languages, type Language, useText } from "@/lib/i18n";
import { boundsOf, lineOf, type Values } from "./values.ts";

type Format = "title" | "body" | "subject" | "html" | "text" | "short";
type Box = HTMLTextAreaElement | HTMLInputElement;

const rows: Partial<Record<Format, number>> = { body: 8, html: 4, text: 4 };
const groups: [key: "inInbox" | "asMail" | "asSms", formats: Format[]][] = [["inInbox", ["title", "body"]], ["asMail", ["subject", "html", "text"]], ["asSms", ["short"]]];

/** The texts of a type, by language; variables are put in where one writes. */
export function TextsEditor({ form, language, onLanguage }: { form: FormState<Values>; language: Language; onLanguage: (language: Language) => void }) {
  const t = useText("messagetype");
  return <PanelTabs label={t("language")} active={language} onChange={onLanguage} items={(Object.keys(languages) as Language[]).map((key) => ({ key, label: languages[key], children: <OneLanguage key={key} form={form} language={key} /> }))} />;
}

function OneLanguage({ form, language }: { form: FormState<Values>; language: Language }) {
  const t = useText("messagetype");
  const last = useRef<{ box: Box; format: Format }>(undefined);
  const texts = form.values.templates[language] ?? { title: "", body: "", subject: "", short: "" };
  const put = (format: Format, text: string) => form.set({ templates: { ...form.values.templates, [language]: { ...texts, [format]: text } } });
  const insert = (name: string) => {
    const { box, format } = last.current ?? {};
    if (!box || !format) return;
    const at = box.selectionStart ?? box.value.length;
    const added = `{{${name}}}`;
    put(format, box.value.slice(0, at) + added + box.value.slice(box.selectionEnd ?? at));
    box.focus();
    requestAnimationFrame(() => box.setSelectionRange(at + added.length, at + added.length));
  };
  return (
    <div className="b-form">
      <div className="b-inline" role="group" aria-label={t("variables")}>
        {form.values.variables.map(({ name }) => (
          <Button key={name} size="small" aria-label={t("insertOf", { name })} onClick={() => insert(name)}>{`{{${name}}}`}</Button>
        ))}
      </div>
      <p className="b-hint">{t("insertHint")}</p>
      {groups.map(([group, of]) => (
        <fieldset key={group} className="b-fieldset">
          <legend>{t(group)}</legend>
          {of.map((format) => (
            <Text key={format} form={form} pointer={`#/templates/${language}/${format}`} format={format} language={language} value={texts[format] ?? ""} onChange={(text) => put(format, text)} last={last} />
          ))}
        </fieldset>
      ))}
    </div>
  );
}

interface TextProps {
  form: FormState<Values>;
  pointer: string;
  format: Format;
  language: Language;
  value: string;
  onChange: (text: string) => void;
  last: RefObject<{ box: Box; format: Format } | undefined>;
}

function Text({ form, pointer, format, language, value, onChange, last }: TextProps) {
  const t = useText("messagetype");
  const line = form.faults.filter((each) => each.pointer === pointer).map(lineOf).find((each) => each > 0);
  const go = (id: string) => {
    const box = document.getElementById(id) as Box | null;
    box?.focus();
    box?.setSelectionRange(...boundsOf(value, line ?? 1));
  };
  const own = format === "html" || format === "text";
  return (
    <Field form={form} pointer={pointer} label={t(`format.${format}`)} required={!own} {...(own && { hint: t("ownHint") })}>
      {(control) => {
        const shared = { ...control, lang: language, value, spellCheck: false, onFocus: (event: { currentTarget: Box }) => (last.current = { box: event.currentTarget, format }), onChange: (event: { target: { value: string } }) => onChange(event.target.value) };
        return (
          <>
            {rows[format] ? <Input.TextArea {...shared} rows={rows[format]} /> : <Input {...shared} />}
            {line !== undefined && rows[format] && <Button size="small" type="link" onClick={() => go(control.id)}>{t("toLine", { line })}</Button>}
          </>
        );
      }}
    </Field>
  );
}

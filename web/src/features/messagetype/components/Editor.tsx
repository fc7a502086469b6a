import { useState } from "react";
import { Alert, Button, Dialog, Diff, Failure, PanelTabs, useFaultText, useFilters, useNotify } from "@/components/ui";
import { problemOf } from "@/lib/client";
import { useDraft } from "@/lib/draft";
import { type Language, useLanguage, useText } from "@/lib/i18n";
import { type Type, usePreview, useTypeForm } from "../api.ts";
import { Preview } from "./Preview.tsx";
import { SettingsFields } from "./SettingsFields.tsx";
import { TextsEditor } from "./TextsEditor.tsx";
import { ofDraft, valuesOf } from "./values.ts";
import { VariableFields } from "./VariableFields.tsx";
import { Versions } from "./Versions.tsx";

const tabs = ["texts", "settings", "variables", "versions"] as const;
type Tab = (typeof tabs)[number];
const schema = { tab: tabs };

/** Changes a message type: what is saved is a new version of it. */
export function Editor({ type, onSaved }: { type: Type; onSaved: () => void }) {
  const t = useText("messagetype");
  const notify = useNotify();
  const { filters, set } = useFilters(schema);
  const [language, setLanguage] = useState<Language>(useLanguage());
  const [asking, setAsking] = useState(false);
  const { form, conflict } = useTypeForm(type, () => (notify.done(t("savedAs", { version: type.version + 1 })), onSaved()));
  const preview = usePreview(type.key, language, form.values);
  const faults = preview.error ? ofDraft(problemOf(preview.error).errors) : [];
  const checked = { ...form, faults: [...form.faults, ...faults.filter((each) => !form.faults.some((other) => other.pointer === each.pointer))] };
  useDraft(form.dirty && !form.write.busy, t("unsaved"));
  const save = () => {
    setAsking(false);
    form.write.run(form.values);
  };
  const texts = (
    <div className="b-editor">
      <div>
        <TextsEditor form={checked} language={language} onLanguage={setLanguage} />
      </div>
      <Preview shown={preview.data} error={preview.error} language={language} />
    </div>
  );
  const content: Record<Tab, React.ReactNode> = { texts, settings: <SettingsFields form={checked} />, variables: <VariableFields form={checked} />, versions: <Versions type={type} /> };
  return (
    <>
      <PanelTabs label={type.key} active={(filters.tab as Tab) ?? "texts"} onChange={(tab) => set({ tab: tab === "texts" ? "" : tab } as never)} items={tabs.map((key) => ({ key, label: t(`tab.${key}`), children: content[key] }))} />
      <Wrong form={checked} />
      <div className="b-form-buttons b-save">
        <Button type="primary" disabled={!form.dirty} loading={form.write.busy} onClick={() => setAsking(true)}>{t("saveAs", { version: type.version + 1 })}</Button>
        <Button disabled={!form.dirty} onClick={() => form.reset()}>{t("discard")}</Button>
      </div>
      <Dialog open={asking} title={t("saveAs", { version: type.version + 1 })} action={t("save")} onAction={save} onCancel={() => setAsking(false)}>
        <p>{t("saveNote")}</p>
        <div className="b-table-frame"><Diff before={valuesOf(type)} after={form.values} /></div>
      </Dialog>
      {conflict}
    </>
  );
}

/** What is wrong, wherever it stands: its input may be on another tab. */
function Wrong({ form }: { form: ReturnType<typeof useTypeForm>["form"] }) {
  const fault = useFaultText();
  const { problem } = form.write;
  if (problem && problem.code !== "validation-failed" && problem.status !== 412) return <Failure error={problem} />;
  if (form.faults.length === 0) return null;
  return <Alert type="error" showIcon title={form.faults.map((each) => `${each.pointer}: ${fault(each)}`).join(" ")} />;
}

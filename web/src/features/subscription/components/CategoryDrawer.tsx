import { useState } from "react";
import { Button, Confirmation, Failure, SidePage, useNotify } from "@/components/ui";
import { useText } from "@/lib/i18n";
import { useNames } from "@/lib/names";
import { type Row, useUpdate } from "../api.ts";
import { RecipientFields } from "./RecipientFields.tsx";
import type { Recipients } from "./recipients.ts";

const nobody: Recipients = { kind: "contacts", ids: [], everyBot: true, bots: [], caps: {} };

/** Recipients for all types of a category at once; strict ones stay as they are. */
export function CategoryDrawer({ category, rows, version, onClose }: { category: string; rows: Row[]; version: number; onClose: () => void }) {
  const t = useText("subscription");
  const names = useNames();
  const notify = useNotify();
  const [values, setValues] = useState(nobody);
  const write = useUpdate(version, () => {
    notify.done(t("saved"));
    onClose();
  });
  const n = rows.filter((row) => row.category === category && !row.strict).length;
  const save = () => write.run([{ category, [values.kind]: values.ids, bots: values.everyBot ? ["*"] : values.bots }]);
  return (
    <SidePage open title={t("bulkTitle", { category: names.category(category) })} onClose={onClose}>
      <div className="b-form">
        <p className="b-hint">{t("bulkNote", { count: n })}</p>
        <RecipientFields values={values} onChange={setValues} editable />
        {write.problem && <Failure error={write.problem} />}
        <div className="b-form-buttons">
          <Button type="primary" loading={write.busy} onClick={save}>{t("bulkSave", { count: n })}</Button>
          <Button onClick={onClose}>{t("cancel")}</Button>
        </div>
      </div>
      <Confirmation write={write} title={t("effects")} name={(fault) => names.type(fault.pointer.replace("types/", ""))} />
    </SidePage>
  );
}

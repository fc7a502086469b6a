import { useState } from "react";
import { BoxesField, Button, Confirmation, Dialog, Facts, Failure, Form, Link, SwitchField, TextField, TimeAt, useNotify } from "@/components/ui";
import { useCan, useProfile } from "@/lib/can";
import { useText } from "@/lib/i18n";
import { type Operator, type Role, roles, useDeleteOperator, useOperatorForm } from "../api.ts";

/** One operator: facts, roles, password, and the end. */
export function OperatorDetails({ operator, onDeleted }: { operator: Operator; onDeleted: () => void }) {
  const t = useText("operator");
  const can = useCan();
  const [round, setRound] = useState(0);
  const roleNames = operator.roles.map((role) => t(`role.${role as Role}`, { defaultValue: role })).join(", ");
  return (
    <div className="b-form">
      <Facts items={[[t("roles"), roleNames], [t("state"), operator.enabled ? t("enabled") : t("disabled")], [t("created"), <TimeAt key="made" at={operator.created_at} />], [t("id"), <code key="id">{operator.id}</code>]]} />
      {can("operator.update") && <Edit key={round} operator={operator} onSaved={() => setRound((now) => now + 1)} />}
      {can("operator.delete") && <Delete operator={operator} onDeleted={onDeleted} />}
      {can("operation.list") && <Link to={`/operations?actor=${operator.id}`}>{t("log")}</Link>}
    </div>
  );
}

function Edit({ operator, onSaved }: { operator: Operator; onSaved: () => void }) {
  const t = useText("operator");
  const notify = useNotify();
  const own = useProfile().id === operator.id;
  const { form, conflict } = useOperatorForm(operator, () => (notify.done(t("saved")), onSaved()));
  return (
    <Form form={form} action={t("save")} disabled={!form.dirty}>
      <TextField form={form} name="display_name" label={t("displayName")} max={100} />
      <BoxesField form={form} name="roles" label={t("roles")} hint={own && t("own")} options={roles.map((value) => ({ value, label: t(`roleAllows.${value}`), disabled: own }))} />
      {!own && <SwitchField form={form} name="enabled" label={t("enabled")} hint={t("enabledHint")} />}
      {!own && <TextField form={form} name="password" label={t("newPassword")} hint={t("newPasswordHint")} type="password" />}
      <Confirmation write={form.write} title={t("goesOn")} />
      {conflict}
    </Form>
  );
}

function Delete({ operator, onDeleted }: { operator: Operator; onDeleted: () => void }) {
  const t = useText("operator");
  const own = useProfile().id === operator.id;
  const [asking, setAsking] = useState(false);
  const remove = useDeleteOperator(onDeleted);
  if (own) return null;
  return (
    <div className="b-form-buttons">
      <Button danger onClick={() => setAsking(true)}>{t("delete")}</Button>
      <Dialog open={asking} title={t("deleteTitle", { name: operator.name })} action={t("delete")} danger busy={remove.busy} onAction={() => (setAsking(false), remove.run(operator.id))} onCancel={() => setAsking(false)}>
        {t("deleteEffect")}
      </Dialog>
      {remove.problem && <Failure error={remove.problem} />}
      <Confirmation write={remove} title={t("goesOn")} />
    </div>
  );
}

import { useState } from "react";
import { Button, Confirmation, Dialog, Failure, Field, Form, Input, useNotify } from "@/components/ui";
import { useCan } from "@/lib/can";
import { useText } from "@/lib/i18n";
import { type User, useDeleteUser, usePassword, useSwitchUser } from "../api.ts";

/** Switching a user off and on, another password, and the end of the user. */
export function UserActions({ user, onDeleted }: { user: User; onDeleted: () => void }) {
  const t = useText("user");
  const can = useCan();
  const [asking, setAsking] = useState(false);
  const name = user.display_name || user.name;
  const switching = useSwitchUser(user);
  const remove = useDeleteUser(onDeleted);
  const problem = switching.problem ?? remove.problem;
  return (
    <>
      <div className="b-form-buttons">
        {can("user.update") && <Button loading={switching.busy} onClick={() => switching.run(!user.enabled)}>{user.enabled ? t("disable") : t("enable")}</Button>}
        {can("user.delete") && <Button danger onClick={() => setAsking(true)}>{t("delete")}</Button>}
      </div>
      {problem && <Failure error={problem} />}
      {can("user.update") && <Password key={user.version} user={user} />}
      <Dialog open={asking} title={t("deleteTitle", { name })} action={t("delete")} danger busy={remove.busy} onAction={() => (setAsking(false), remove.run(user.id))} onCancel={() => setAsking(false)}>
        {t("deleteEffect")}
      </Dialog>
      <Confirmation write={switching} title={t("goesOn")} />
      <Confirmation write={remove} title={t("goesOn")} />
    </>
  );
}

function Password({ user }: { user: User }) {
  const t = useText("user");
  const notify = useNotify();
  const form = usePassword(user, () => notify.done(t("passwordChanged")));
  return (
    <Form form={form} action={t("setPassword")} disabled={!form.values.password}>
      <Field form={form} pointer="#/password" label={t("newPassword")} hint={t("passwordHint")}>
        {(control) => <Input {...control} type="password" autoComplete="new-password" value={form.values.password} onChange={(event) => form.set({ password: event.target.value })} />}
      </Field>
    </Form>
  );
}

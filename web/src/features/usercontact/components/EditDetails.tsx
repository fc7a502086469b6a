import type { ContactDetail } from "@api/types.gen";
import { type FormEvent, useId, useState } from "react";
import { AddressLines, Button, Confirmation, Form, Input, Loaded, SidePage, TextField, useNotify } from "@/components/ui";
import { useText } from "@/lib/i18n";
import { useDetails, useDetailsForm, type Who } from "../api.ts";

/** Changes the contact details of a user of an account, or gives the first ones. */
export function EditDetails({ who, name, onClose }: { who: Who; name: string; onClose: () => void }) {
  const t = useText("usercontact");
  const query = useDetails(who);
  return (
    <SidePage open title={t("details", { name })} onClose={onClose}>
      <p className="b-note">{t("editNote")}</p>
      <Loaded query={query}>{(contact) => <Fields who={who} contact={contact} onSaved={onClose} />}</Loaded>
    </SidePage>
  );
}

function Fields({ who, contact, onSaved }: { who: Who; contact: ContactDetail | null; onSaved: () => void }) {
  const t = useText("usercontact");
  const notify = useNotify();
  const { form, conflict } = useDetailsForm(who, contact, () => (notify.done(t("saved")), onSaved()));
  return (
    <Form form={form} action={t("save")} disabled={!form.dirty}>
      {!contact && <p className="b-hint">{t("none")}</p>}
      <TextField form={form} name="name" label={t("name")} required max={20} />
      <AddressLines form={form} />
      <Confirmation write={form.write} title={t("effects")} />
      {conflict}
    </Form>
  );
}

/** Opens the contact details of a user by id: one who has none stands in no list. */
export function OfUser({ account }: { account: string }) {
  const t = useText("usercontact");
  const id = useId();
  const [text, setText] = useState("");
  const [user, setUser] = useState<string>();
  const show = (event: FormEvent) => {
    event.preventDefault();
    setUser(text.trim());
  };
  return (
    <form className="b-form" onSubmit={show}>
      <div className="b-field">
        <label htmlFor={id}>{t("userId")}</label>
        <Input id={id} value={text} aria-describedby={`${id}-hint`} onChange={(event) => setText(event.target.value)} />
        <div id={`${id}-hint`} className="b-hint">{t("ofUserNote")}</div>
      </div>
      <div className="b-form-buttons">
        <Button htmlType="submit" disabled={!/^usr_[0-9a-f]{32}$/.test(text.trim())}>{t("open")}</Button>
      </div>
      {user && <EditDetails who={{ account, user }} name={user} onClose={() => setUser(undefined)} />}
    </form>
  );
}

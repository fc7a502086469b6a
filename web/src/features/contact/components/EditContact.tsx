import { accountContact } from "@api/sdk.gen";
import { Confirmation, Form, useEdit } from "@/components/ui";
import { useText } from "@/lib/i18n";
import { useNames } from "@/lib/names";
import { type Contact, type ContactValues, readContact, updateAccountContact, updateContact, useReread, valuesOf } from "../api.ts";
import { ContactFields } from "./ContactFields.tsx";

/** Changes a contact; what somebody else changed meanwhile is shown and kept. */
export function EditContact({ contact, onDone }: { contact: Contact; onDone: () => void }) {
  const t = useText("contact");
  const names = useNames();
  const reread = useReread();
  const account = contact.kind === "account";
  const { form, conflict } = useEdit<ContactValues, Contact>({
    current: contact,
    values: valuesOf,
    send: (change, sent, all) => (account ? updateAccountContact(all, sent) : updateContact(contact.id, change, sent)),
    read: async () => (account ? (await accountContact()).data : readContact(contact.id)),
    name: (field) => t(`field.${field}` as "field.name", { defaultValue: field }),
    done: () => {
      reread();
      onDone();
    },
  });
  return (
    <>
      <Form form={form} action={t("save")} onCancel={onDone} disabled={!form.dirty}>
        <ContactFields form={form} account={account} />
        <p className="b-hint">{account ? t("accountAddressRule") : t("addressRule")}</p>
      </Form>
      {conflict}
      <Confirmation write={form.write} title={t("effects")} name={(fault) => names.type(fault.pointer.replace("types/", ""))} />
    </>
  );
}

import { useNavigate } from "@tanstack/react-router";
import { Form, SidePage, useForm, useNotify } from "@/components/ui";
import { useText } from "@/lib/i18n";
import { blank, createContact, useReread } from "../api.ts";
import { ContactFields } from "./ContactFields.tsx";

/** Adds a contact; the invitations to its addresses go out by themselves. */
export function NewContact({ open, onClose }: { open: boolean; onClose: () => void }) {
  const t = useText("contact");
  return (
    <SidePage open={open} title={t("add")} onClose={onClose}>
      <Fields onClose={onClose} />
    </SidePage>
  );
}

function Fields({ onClose }: { onClose: () => void }) {
  const t = useText("contact");
  const reread = useReread();
  const navigate = useNavigate();
  const notify = useNotify();
  const form = useForm({
    initial: blank,
    send: createContact,
    done: (contact) => {
      reread();
      notify.done(t("added", { name: contact.name }));
      void navigate({ to: `/contacts/${contact.id}` as "." });
    },
  });
  return (
    <Form form={form} action={t("addAndInvite")} onCancel={onClose}>
      <ContactFields form={form} />
      <p className="b-hint">{t("invites")}</p>
    </Form>
  );
}

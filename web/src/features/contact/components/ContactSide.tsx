import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { Button, Confirmation, Dialog, Failure, Loaded, ObjectLog, PanelTabs, RecentDeliveries, SidePage, useFilters } from "@/components/ui";
import { useCan } from "@/lib/can";
import { useText } from "@/lib/i18n";
import { useNames } from "@/lib/names";
import { usePoll } from "@/lib/poll";
import { type Contact, useContact, useDelete, useEnable } from "../api.ts";
import { Details } from "./Details.tsx";
import { EditContact } from "./EditContact.tsx";
import { Preferences } from "./Preferences.tsx";
import { waits } from "./states.ts";
import { Types } from "./Types.tsx";

const tabs = ["details", "edit", "types", "deliveries", "preferences", "log"] as const;
type Tab = (typeof tabs)[number];
const schema = { tab: tabs };

/** One contact, beside the list. */
export function ContactSide({ id, onClose }: { id: string; onClose: () => void }) {
  const t = useText("contact");
  const query = useContact(id);
  usePoll(["contact", "one", id], query.data !== undefined && waits(query.data));
  return (
    <SidePage open title={query.data?.name ?? t("contact")} onClose={onClose}>
      <Loaded query={query}>{(contact) => <Sides contact={contact} onClose={onClose} />}</Loaded>
    </SidePage>
  );
}

function Sides({ contact, onClose }: { contact: Contact; onClose: () => void }) {
  const t = useText("contact");
  const can = useCan();
  const { filters, set } = useFilters(schema);
  const account = contact.kind === "account";
  const mayEdit = can(account ? "account.contact_update" : "contact.update");
  const show = (tab: Tab) => set({ tab: tab === "details" ? "" : tab });
  const items: { key: Tab; label: string; may: boolean; children: React.ReactNode }[] = [
    { key: "details", label: t("tab.details"), may: true, children: <><Details contact={contact} /><Tools contact={contact} onClose={onClose} /></> },
    { key: "edit", label: t("edit"), may: mayEdit, children: <EditContact contact={contact} onDone={() => show("details")} /> },
    { key: "types", label: t("tab.types"), may: can("subscription.list"), children: <Types contact={contact} /> },
    { key: "deliveries", label: t("tab.deliveries"), may: can("delivery.list"), children: <RecentDeliveries of={{ contact_id: contact.id }} /> },
    { key: "preferences", label: t("tab.preferences"), may: !account && can("contact.preferences"), children: <Preferences contact={contact} /> },
    { key: "log", label: t("tab.log"), may: can("operation.list"), children: <ObjectLog id={contact.id} /> },
  ];
  const shown = items.filter((each) => each.may);
  const active = shown.find((each) => each.key === filters.tab)?.key ?? "details";
  return <PanelTabs label={contact.name} active={active} onChange={show} items={shown} />;
}

/** Switching on and off, and deleting; the account contact has neither. */
function Tools({ contact, onClose }: { contact: Contact; onClose: () => void }) {
  const t = useText("contact");
  const can = useCan();
  const names = useNames();
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  const enable = useEnable(contact);
  const remove = useDelete(() => {
    onClose();
    void navigate({ to: "/contacts" as "." });
  });
  if (contact.kind === "account") return null;
  const typeName = (fault: { pointer: string }) => names.type(fault.pointer.replace("types/", ""));
  return (
    <>
      {(enable.problem ?? remove.problem) && <Failure error={enable.problem ?? remove.problem} />}
      <div className="b-form-buttons">
        {can("contact.update") && (
          <Button loading={enable.busy} onClick={() => enable.run(!contact.enabled)}>
            {contact.enabled ? t("disable") : t("enable")}
          </Button>
        )}
        {can("contact.delete") && (
          <Button danger onClick={() => setAsking(true)}>
            {t("delete")}
          </Button>
        )}
      </div>
      <Dialog open={asking && !remove.question} title={t("deleteOne", { name: contact.name })} action={t("delete")} danger busy={remove.busy} onAction={() => remove.run(contact.id)} onCancel={() => setAsking(false)}>
        {t("deleteEffect")}
      </Dialog>
      <Confirmation write={enable} title={t("effects")} name={typeName} />
      <Confirmation write={remove} title={t("effects")} name={typeName} />
    </>
  );
}

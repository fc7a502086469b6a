import { Facts, Loaded } from "@/components/ui";
import { useCan } from "@/lib/can";
import { languages, useText } from "@/lib/i18n";
import { actionOf, type Contact, useDetails, type Whose } from "../api.ts";
import { AddressProofs } from "./AddressProofs.tsx";
import { DetailsForm } from "./DetailsForm.tsx";
import { Unsubscribed } from "./Unsubscribed.tsx";
import "../owncontact.css";

/** Contact details: how far addresses are proven, and for those who may, the form. */
export function ContactDetails({ whose }: { whose: Whose }) {
  const t = useText("owncontact");
  const may = useCan()(actionOf(whose));
  const query = useDetails(whose);
  return (
    <Loaded query={query}>
      {(contact) => (
        <>
          {contact === null && <p>{t("none")}</p>}
          {contact && <AddressProofs whose={whose} contact={contact} may={may} />}
          {may ? <DetailsForm whose={whose} contact={contact} /> : contact && <Read contact={contact} />}
          {whose === "me" && contact && <Unsubscribed />}
        </>
      )}
    </Loaded>
  );
}

function Read({ contact }: { contact: Contact }) {
  const t = useText("owncontact");
  return <Facts items={[[t("name"), contact.name], [t("language"), contact.language ? languages[contact.language as "en-US"] : t("asAccount")], [t("zone"), contact.time_zone || t("asAccount")]]} />;
}

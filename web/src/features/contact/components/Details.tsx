import { Chip, Copy, Icon, Link, TimeAt } from "@/components/ui";
import { useCan } from "@/lib/can";
import { languages, useText } from "@/lib/i18n";
import { useNames } from "@/lib/names";
import { type Contact, usePositions } from "../api.ts";
import { AddressCard } from "./AddressCard.tsx";

/** What a contact is, and how it is reached. */
export function Details({ contact }: { contact: Contact }) {
  const t = useText("contact");
  const can = useCan();
  const names = useNames();
  const positions = usePositions();
  const account = contact.kind === "account";
  const language = languages[contact.language as keyof typeof languages];
  return (
    <div className="b-form">
      {account && (
        <p className="b-note">
          <Icon name="star" /> {can("account.contact_update") ? t("accountNote") : t("accountNoteOthers")}
        </p>
      )}
      <ul className="b-addresses">
        {contact.addresses.map((address) => (
          <li key={address.id}>
            <AddressCard contact={contact} address={address} />
          </li>
        ))}
      </ul>
      <dl className="b-facts">
        <dt>{t("enabledColumn")}</dt>
        <dd>
          <Chip tone={contact.enabled ? "good" : "neutral"}>{contact.enabled ? t("enabled") : t("disabled")}</Chip>
          {!contact.enabled && <span className="b-hint">{t("disabledNote")}</span>}
        </dd>
        {!account && (
          <>
            <dt>{t("position")}</dt>
            <dd>{positions.find((each) => each.value === contact.position)?.label ?? t("none")}</dd>
            <dt>{t("groups")}</dt>
            <dd>
              {contact.groups.length === 0 && t("none")}
              {contact.groups.map((group, i) => (
                <span key={group.id}>
                  {i > 0 && ", "}
                  <Link to={`/contact-groups/${group.id}`}>{group.name}</Link>
                </span>
              ))}
            </dd>
          </>
        )}
        <dt>{t("language")}</dt>
        <dd>{language ?? t("asAccount")}</dd>
        <dt>{t("zone")}</dt>
        <dd>{contact.time_zone || t("asAccount")}</dd>
        {contact.unsubscribed.length > 0 && (
          <>
            <dt>{t("unsubscribed")}</dt>
            <dd>
              {contact.unsubscribed.map((key) => (key === "marketing" ? t("marketing") : names.type(key))).join(", ")}
              <span className="b-hint"> {t("unsubscribedNote")}</span>
            </dd>
          </>
        )}
        <dt>{t("created")}</dt>
        <dd>
          <TimeAt at={contact.created_at} />
        </dd>
        <dt>{t("id")}</dt>
        <dd>
          <code>{contact.id}</code> <Copy text={contact.id} />
        </dd>
      </dl>
    </div>
  );
}

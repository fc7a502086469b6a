import type { SubscriptionView } from "@api/types.gen";
import { Chip, Empty, Link, Loaded } from "@/components/ui";
import { useCan } from "@/lib/can";
import { useText } from "@/lib/i18n";
import { useNames } from "@/lib/names";
import { type Contact, useMatrix } from "../api.ts";
import { namedBy } from "./named.ts";

/** The message types that a contact gets, and through what. */
export function Types({ contact }: { contact: Contact }) {
  return <Loaded query={useMatrix()}>{(matrix) => <List contact={contact} rows={matrix.items} />}</Loaded>;
}

function List({ contact, rows }: { contact: Contact; rows: SubscriptionView[] }) {
  const t = useText("contact");
  const can = useCan();
  const names = useNames();
  const named = namedBy(contact, rows);
  if (named.length === 0) {
    return <Empty text={t("getsNothing")}>{can("subscription.update_many") && <Link to="/subscriptions">{t("chooseTypes")}</Link>}</Empty>;
  }
  return (
    <ul className="b-lines">
      {named.map(({ row, group }) => (
        <li key={row.type}>
          <Link to={`/subscriptions/${row.type}`}>{names.type(row.type)}</Link> {group && <Chip icon="user">{t("through", { group })}</Chip>}{" "}
          <span className="b-hint">{row.cells.filter((cell) => cell.ticked).map((cell) => names.channel(cell.channel)).join(", ")}</span>
        </li>
      ))}
    </ul>
  );
}

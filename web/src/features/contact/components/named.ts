import type { SubscriptionView } from "@api/types.gen";
import type { Contact } from "../api.ts";

/** A row of the matrix that names a contact: itself, or through a group. */
export interface Named {
  row: SubscriptionView;
  /** The name of the group; undefined where the contact itself is named. */
  group?: string;
}

/** The rows that name the contact; the account contact is named where nobody else is. */
export function namedBy(contact: Pick<Contact, "id" | "kind" | "groups">, rows: SubscriptionView[]): Named[] {
  return rows.flatMap((row): Named[] => {
    if (row.target_kind === "account") return contact.kind === "account" ? [{ row }] : [];
    if (row.target_kind === "contacts") return row.targets.some((each) => each.id === contact.id) ? [{ row }] : [];
    const group = contact.groups.find((mine) => row.targets.some((each) => each.id === mine.id));
    return group ? [{ row, group: group.name }] : [];
  });
}

import { useAccountName } from "@/lib/names";

/** An account by its name, with the id behind it; the id where the name is not known. */
export function AccountName({ id }: { id: string }) {
  const name = useAccountName(id);
  return name && name !== id ? <span title={id}>{name}</span> : <code>{id}</code>;
}

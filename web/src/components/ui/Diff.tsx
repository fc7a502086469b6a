import { useText } from "@/lib/i18n";

/** A value that changed: the path to it, and what it was and is. */
export interface Change {
  path: string;
  before: unknown;
  after: unknown;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

/** The values in which two objects differ, down to the deepest; lists count as one value. */
export function changes(before: unknown, after: unknown, path = ""): Change[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  if (!isObject(before) && !isObject(after)) return [{ path, before, after }];
  const old = isObject(before) ? before : {};
  const now = isObject(after) ? after : {};
  const keys = [...new Set([...Object.keys(old), ...Object.keys(now)])];
  return keys.flatMap((key) => changes(old[key], now[key], path ? `${path}.${key}` : key));
}

const show = (value: unknown) => (value === undefined || value === null || value === "" ? "–" : typeof value === "string" ? value : JSON.stringify(value));

/** What differs between two objects, in a table. */
export function Diff({ before, after, name }: { before: unknown; after: unknown; name?: (path: string) => string }) {
  const t = useText("ui");
  const list = changes(before, after);
  if (list.length === 0) return <p>{t("same")}</p>;
  return (
    <table className="b-table b-diff">
      <thead>
        <tr>
          <th scope="col">{t("field")}</th>
          <th scope="col">{t("before")}</th>
          <th scope="col">{t("after")}</th>
        </tr>
      </thead>
      <tbody>
        {list.map((each) => (
          <tr key={each.path}>
            <th scope="row">{name?.(each.path) ?? each.path}</th>
            <td>
              <del>{show(each.before)}</del>
            </td>
            <td>
              <ins>{show(each.after)}</ins>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

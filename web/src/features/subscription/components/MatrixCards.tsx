import { Button, Chip } from "@/components/ui";
import { useText } from "@/lib/i18n";
import { useNames } from "@/lib/names";
import type { Row } from "../api.ts";
import { type Marks, Targets } from "./MatrixTable.tsx";
import { type Pending, tickedIn } from "./pending.ts";

interface Cards {
  groups: { category: string; rows: Row[] }[];
  pending: Pending;
  editable: boolean;
  marks: Marks;
  onCategory: (category: string) => void;
  onOpen: (type: string) => void;
}

/** The matrix on a phone: a list of types, with a sheet for each. */
export function MatrixCards({ groups, pending, editable, marks, onCategory, onOpen }: Cards) {
  const t = useText("subscription");
  const names = useNames();
  return (
    <>
      {groups.map(({ category, rows }) => (
        <section key={category} className="b-matrix-cards">
          <h2>
            {names.category(category)}{" "}
            {editable && (
              <Button size="small" onClick={() => onCategory(category)}>
                {t("bulk")}
              </Button>
            )}
          </h2>
          <ul className="b-lines">
            {rows.map((row) => (
              <li key={row.type}>
                <button type="button" className="b-card" onClick={() => onOpen(row.type)}>
                  <strong>{names.type(row.type)}</strong>
                  <span>
                    {row.strict && <Chip icon="lock">{t("strict")}</Chip>} {marks.unreached.has(row.type) && <Chip tone="bad">{t("unreached")}</Chip>} {marks.single.has(row.type) && <Chip tone="warn">{t("single")}</Chip>}
                  </span>
                  <span className="b-hint">{row.cells.filter((cell) => tickedIn(pending, row, cell)).map((cell) => names.channel(cell.channel)).join(", ")}</span>
                  <span className="b-hint">
                    → <Targets row={row} />
                  </span>
                </button>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}

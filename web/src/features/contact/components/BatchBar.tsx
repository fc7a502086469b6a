import type { ContactResult } from "@api/types.gen";
import { useState } from "react";
import { Button, Confirmation, Dialog, Failure } from "@/components/ui";
import { useCan } from "@/lib/can";
import { useText } from "@/lib/i18n";
import { useNames } from "@/lib/names";
import { type Contact, useBatch } from "../api.ts";

interface Bar {
  selected: ReadonlySet<string>;
  onSelect: (selected: ReadonlySet<string>) => void;
  rows: Contact[];
}

/** What is done to several contacts; the results stand until they are put away. */
export function BatchBar({ selected, onSelect, rows }: Bar) {
  const t = useText("contact");
  const can = useCan();
  const names = useNames();
  const [asking, setAsking] = useState(false);
  const [results, setResults] = useState<{ name: string; result: ContactResult["result"] }[]>();
  const nameOf = (id: string) => rows.find((each) => each.id === id)?.name ?? id;
  const batch = useBatch((items) => {
    setAsking(false);
    setResults(items.map((each) => ({ name: nameOf(each.id), result: each.result })));
    onSelect(new Set());
  });
  if (!can("contact.batch")) return null;
  const ids = [...selected];
  const run = (action: "enable" | "disable" | "delete") => batch.run({ action, ids });
  return (
    <>
      {ids.length > 0 && (
        <div className="b-batch b-batch-alone" role="group" aria-label={t("batch")}>
          <span aria-live="polite">{t("selected", { n: ids.length })}</span>
          <Button onClick={() => run("enable")}>{t("enable")}</Button>
          <Button onClick={() => run("disable")}>{t("disable")}</Button>
          <Button danger onClick={() => setAsking(true)}>
            {t("delete")}
          </Button>
          <Button type="link" onClick={() => onSelect(new Set())}>
            {t("selectNone")}
          </Button>
        </div>
      )}
      {batch.problem && <Failure error={batch.problem} />}
      {results && (
        <section className="b-results" aria-label={t("results")}>
          <ul role="status">
            {results.map((each, i) => (
              <li key={i}>
                {each.name}: {t(`result.${each.result}`)}
              </li>
            ))}
          </ul>
          <Button size="small" onClick={() => setResults(undefined)}>
            {t("putAway")}
          </Button>
        </section>
      )}
      <Dialog open={asking && !batch.question} title={t("deleteSome", { count: ids.length })} action={t("delete")} danger busy={batch.busy} onAction={() => run("delete")} onCancel={() => setAsking(false)}>
        <p>{ids.map(nameOf).join(", ")}</p>
        <p>{t("deleteEffect")}</p>
      </Dialog>
      <Confirmation write={batch} title={t("effects")} name={(fault) => names.type(fault.pointer.replace("types/", ""))} />
    </>
  );
}

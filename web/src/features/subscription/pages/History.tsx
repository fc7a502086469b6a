import "../subscription.css";
import { useState } from "react";
import { Button, Confirmation, Dialog, Empty, Failure, Link, MoreList, Page as Frame, TimeAt, useFilters, useNotify, word } from "@/components/ui";
import { useCan } from "@/lib/can";
import { useText } from "@/lib/i18n";
import { useNames } from "@/lib/names";
import { type Change, useChoices, useHistory, useMatrix, useRevert } from "../api.ts";
import { type ChoiceWords, linesOf } from "../components/choice.ts";

const schema = { type: word };

/** Every change of the matrix, newest first: when, who, before and after; and the way back. */
export function Page() {
  const t = useText("subscription");
  const can = useCan();
  const names = useNames();
  const notify = useNotify();
  const { filters, clear } = useFilters(schema);
  const list = useHistory(filters.type ?? "");
  const now = useMatrix("");
  const [asking, setAsking] = useState<number>();
  const revert = useRevert(now.data?.version, () => {
    setAsking(undefined);
    notify.done(t("reverted"));
  });
  const words = useWords();
  const typeName = (type: string) => (type === "*" ? t("marketing") : names.type(type));
  return (
    <Frame title={filters.type ? t("historyOf", { type: typeName(filters.type) }) : t("historyTitle")} tools={<Link to="/subscriptions">{t("title")}</Link>}>
      {filters.type && (
        <p>
          <Button onClick={clear}>{t("allTypes")}</Button>
        </p>
      )}
      {revert.problem && <Failure error={revert.problem} />}
      <MoreList
        list={list}
        label={t("historyTitle")}
        id={(row: Change) => `${row.version} ${row.type}`}
        empty={<Empty text={t("noHistory")} />}
        columns={[
          { key: "at", title: t("at"), cell: (row) => <TimeAt at={row.at} /> },
          { key: "who", title: t("who"), cell: (row) => row.actor || row.actor_id },
          { key: "type", title: t("type"), cell: (row) => (row.type === "*" ? typeName(row.type) : <Link to={`/subscriptions/${row.type}`}>{typeName(row.type)}</Link>) },
          { key: "what", title: t("what"), cell: (row) => <What change={row} words={words} /> },
          { key: "do", title: t("actions"), cell: (row) => can("subscription.revert") && row.version !== now.data?.version && <Button size="small" onClick={() => setAsking(row.version)}>{t("revertToThis")}</Button> },
        ]}
      />
      <Dialog open={asking !== undefined && !revert.question} title={t("revertVersion", { n: asking ?? 0 })} action={t("revert")} busy={revert.busy} onAction={() => revert.run({ version: asking ?? 0 })} onCancel={() => setAsking(undefined)}>
        {t("revertNote")}
      </Dialog>
      <Confirmation write={revert} title={t("effects")} name={(fault) => typeName(fault.pointer.replace("types/", ""))} />
    </Frame>
  );
}

/** What a change did, a line for each part. */
function What({ change, words }: { change: Change; words: ChoiceWords }) {
  const t = useText("subscription");
  const lines = linesOf(change.before, change.after, words);
  if (lines.length === 0) return <>{t("same")}</>;
  return (
    <ul className="b-lines b-diff">
      {lines.map((line) => (
        <li key={line.part}>
          {t(`field.${line.part}`)}: <del>{line.before}</del> → <ins>{line.after}</ins>
        </li>
      ))}
    </ul>
  );
}

/** Names for the ids of a change; what is gone keeps its id. */
function useWords(): ChoiceWords {
  const t = useText("subscription");
  const names = useNames();
  const contacts = useChoices("contacts").data ?? [];
  const groups = useChoices("groups").data ?? [];
  const bots = useChoices("bots").data ?? [];
  const known = new Map([...contacts, ...groups, ...bots].map((each) => [each.id, each.name]));
  return { recommended: t("recommended"), accountContact: t("accountContact"), everyBot: t("everyBot"), none: "–", on: t("switchOn"), off: t("switchOff"), channel: names.channel, name: (id) => known.get(id) ?? id };
}

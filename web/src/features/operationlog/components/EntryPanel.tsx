import { useState } from "react";
import { Copy, Diff, Facts, Json, Link, Loaded, SidePage, Tabs, TimeAt } from "@/components/ui";
import { useText } from "@/lib/i18n";
import { type Detail, useEntry } from "../api.ts";
import { keyed } from "./keyed.ts";
import { ResultChip } from "./ResultChip.tsx";
import { useWords } from "./words.ts";

/** One entry: who did what to what, from where, and what it changed. */
export function EntryPanel({ account, seq, onClose }: { account: string; seq: string; onClose: () => void }) {
  const t = useText("operationlog");
  const query = useEntry(account, seq);
  const of = account ? `?account=${account}` : "";
  return (
    <SidePage open title={t("entry", { seq })} onClose={onClose}>
      <Loaded query={query}>
        {(entry) => (
          <div className="b-entry">
            <EntryFacts entry={entry} />
            <div className="b-form-buttons">
              <Copy text={JSON.stringify(entry, null, 2)} label={t("copyJson")} />
              <Copy text={`${location.origin}/console/operations/${seq}${of}`} label={t("copyLink")} />
              {entry.object.id && <Link to={`/operations?object_kind=${entry.object.kind}&object_id=${encodeURIComponent(entry.object.id)}${account && `&account=${account}`}`}>{t("ofObject")}</Link>}
              {entry.actor.id && <Link to={`/operations?actor=${entry.actor.id}${account && `&account=${account}`}`}>{t("ofActor")}</Link>}
            </div>
            <Changed entry={entry} />
          </div>
        )}
      </Loaded>
    </SidePage>
  );
}

function EntryFacts({ entry }: { entry: Detail }) {
  const t = useText("operationlog");
  const words = useWords();
  return (
    <Facts
      items={[
        [t("time"), <TimeAt key="at" at={entry.at} />],
        [t("actor"), t("who", { name: entry.actor.name || entry.actor.id || "–", kind: t(`kind.${entry.actor.kind}`) })],
        [t("roles"), entry.actor.roles.map((role) => t(`role.${role as "Root"}`, { defaultValue: role })).join(", ")],
        [t("action"), <span key="action">{words.action(entry.action)} <code>{entry.action}</code></span>],
        [t("object"), `${words.kind(entry.object.kind)} ${entry.object.name || ""}`],
        [t("objectId"), entry.object.id && <code>{entry.object.id}</code>],
        [t("resultLabel"), <span key="result"><ResultChip result={entry.result} /> {entry.code && <code>{entry.code}</code>}</span>],
        [t("ip"), entry.ip && <code>{entry.ip}</code>],
        [t("client"), entry.user_agent],
        [t("credential"), entry.actor.credential && <code>{entry.actor.credential}</code>],
        [t("request"), entry.request_id && <code>{entry.request_id}</code>],
        [t("hash"), <code key="hash">{entry.hash}</code>],
      ]}
    />
  );
}

const absent = (value: unknown) => value === null || value === undefined;

function Changed({ entry }: { entry: Detail }) {
  const t = useText("operationlog");
  const [tab, setTab] = useState("diff");
  if (absent(entry.before) && absent(entry.after)) return <p>{t("nothing")}</p>;
  return (
    <Tabs
      activeKey={tab}
      onChange={setTab}
      items={[
        { key: "diff", label: t("diff"), children: <div className="b-table-frame"><Diff before={keyed(entry.before)} after={keyed(entry.after)} /></div> },
        { key: "before", label: t("before"), children: <Json value={entry.before} label={t("before")} /> },
        { key: "after", label: t("after"), children: <Json value={entry.after} label={t("after")} /> },
      ]}
    />
  );
}

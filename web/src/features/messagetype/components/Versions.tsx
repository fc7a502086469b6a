import { useState } from "react";
import { Button, Diff, Empty, Loaded, MoreList, TimeAt } from "@/components/ui";
import { useText } from "@/lib/i18n";
import { type Type, useVersion, useVersions, type Version } from "../api.ts";
import { valuesOf } from "./values.ts";

/** Every version that the type had, and what is different now. */
export function Versions({ type }: { type: Type }) {
  const t = useText("messagetype");
  const [compared, setCompared] = useState<number>();
  return (
    <div className="b-form">
      <MoreList
        list={useVersions(type.key)}
        label={t("tab.versions")}
        id={(row: Version) => String(row.version)}
        empty={<Empty text={t("noVersions")} />}
        columns={[
          { key: "version", title: t("version"), cell: (row) => String(row.version) },
          { key: "at", title: t("saved"), cell: (row) => <TimeAt at={row.created_at} /> },
          { key: "by", title: t("by"), cell: (row) => (row.created_by ? <code>{row.created_by}</code> : t("shipped")) },
          { key: "do", title: "", cell: (row) => row.version !== type.version && <Button size="small" onClick={() => setCompared(row.version)}>{t("compare")}</Button> },
        ]}
      />
      {compared !== undefined && <Compared type={type} version={compared} />}
    </div>
  );
}

function Compared({ type, version }: { type: Type; version: number }) {
  const t = useText("messagetype");
  return (
    <section aria-live="polite">
      <h3>{t("comparedWith", { version })}</h3>
      <Loaded query={useVersion(type.key, version)}>{(old) => <div className="b-table-frame"><Diff before={valuesOf(old)} after={valuesOf(type)} /></div>}</Loaded>
    </section>
  );
}

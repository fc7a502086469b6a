import "../messagetype.css";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { Chip, Facts, Link, Loaded, Page as Frame } from "@/components/ui";
import { useCan } from "@/lib/can";
import { useLanguage, useText } from "@/lib/i18n";
import { useNames } from "@/lib/names";
import { type Type, usePreview, useType } from "../api.ts";
import { Editor } from "../components/Editor.tsx";
import { Preview } from "../components/Preview.tsx";
import { valuesOf } from "../components/values.ts";

/** One message type: its texts with what becomes of them, its rules, its versions. */
export function Page() {
  const t = useText("messagetype");
  const can = useCan();
  const language = useLanguage();
  const { key } = useParams({ strict: false }) as { key: string };
  const query = useType(key);
  const [round, setRound] = useState(0);
  return (
    <Frame title={query.data?.names[language] ?? key} tools={<Link to="/platform/message-types">{t("title")}</Link>}>
      <Loaded query={query}>
        {(type) => (
          <>
            <Facts items={[[t("key"), <code key="key">{type.key}</code>], [t("version"), String(type.version)], [t("origin"), t(`origins.${type.origin}`)]]} />
            {can("message_type.update") ? <Editor key={round} type={type} onSaved={() => setRound((now) => now + 1)} /> : <Given type={type} />}
          </>
        )}
      </Loaded>
    </Frame>
  );
}

/** The type for those who only read it. */
function Given({ type }: { type: Type }) {
  const t = useText("messagetype");
  const names = useNames();
  const language = useLanguage();
  const preview = usePreview(type.key, language, valuesOf(type));
  return (
    <>
      <Facts
        items={[
          [t("severity"), t(`severities.${type.severity as "info"}`)],
          [t("default"), type.default.map(names.channel).join(", ")],
          [t("locked"), type.locked.map(names.channel).join(", ")],
          [t("state"), <Chip key="state" tone={type.enabled ? "good" : "neutral"}>{type.enabled ? t("enabled") : t("disabled")}</Chip>],
        ]}
      />
      <Preview shown={preview.data} error={preview.error} language={language} />
    </>
  );
}

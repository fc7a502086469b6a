import { Chip, Facts, Loaded } from "@/components/ui";
import { useText } from "@/lib/i18n";
import { useReady, useSite } from "../api.ts";

const known = ["database", "storage", "temporal", "process"] as const;

/** Whether the process that answers can work, part by part. */
export function Parts() {
  const t = useText("health");
  return (
    <Loaded query={useReady()}>
      {({ ok, parts }) => (
        <>
          <Chip tone={ok ? "good" : "bad"}>{ok ? t("ok") : t("degraded")}</Chip>
          <Facts
            items={Object.entries(parts).map(([part, state]) => [
              known.includes(part as "database") ? t(`part.${part as (typeof known)[number]}`) : part,
              <Chip key={part} tone={state === "ok" ? "good" : "bad"}>{state === "ok" ? t("works") : t("failed")}</Chip>,
            ])}
          />
        </>
      )}
    </Loaded>
  );
}

/** How the site presents itself to people: read from the configuration. */
export function Brand() {
  const t = useText("health");
  const colour = (value: string) => value && <span key={value} className="b-inline"><code>{value}</code></span>;
  return (
    <Loaded query={useSite()}>
      {({ brand, public_url, version }) => (
        <>
          <p className="b-hint">{t("brandNote")}</p>
          <Facts
            items={[
              [t("brand.name"), brand.name],
              [t("brand.logo"), brand.logo],
              [t("brand.color"), colour(brand.color) || t("own")],
              [t("brand.dark"), colour(brand.dark_color) || t("own")],
              [t("brand.footer"), brand.footer || t("none")],
              [t("brand.support"), brand.support || t("none")],
              [t("url"), public_url],
              [t("version"), version],
            ]}
          />
        </>
      )}
    </Loaded>
  );
}

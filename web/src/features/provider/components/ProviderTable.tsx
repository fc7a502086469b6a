import { Button, Failure, Link, TimeAgo } from "@/components/ui";
import { useCan } from "@/lib/can";
import { useText } from "@/lib/i18n";
import { type Provider, useMove } from "../api.ts";
import { Health } from "./Health.tsx";

/** The providers of a channel in the order in which they are tried. */
export function ProviderTable({ providers, label }: { providers: Provider[]; label: string }) {
  const t = useText("provider");
  const can = useCan();
  const move = useMove();
  const last = providers.length - 1;
  const step = (from: number, to: number) => move.run({ of: providers, from, to });
  const movable = can("provider.update") && last > 0;
  return (
    <>
      {move.problem && <Failure error={move.problem} />}
      <div className="b-table-frame">
        <table className="b-table b-cards">
          <caption className="b-hidden">{label}</caption>
          <thead>
            <tr>
              {[t("name"), t("state"), t("lastSuccess"), ...(movable ? [t("order")] : [])].map((title) => (
                <th key={title} scope="col">{title}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {providers.map((each, at) => (
              <tr key={each.id}>
                <td data-label={t("name")}><Link to={`/platform/channels/${each.id}`}>{each.name}</Link></td>
                <td data-label={t("state")}><Health provider={each} /></td>
                <td data-label={t("lastSuccess")}>{each.health.last_success_at ? <TimeAgo at={each.health.last_success_at} /> : t("never")}</td>
                {movable && (
                  <td data-label={t("order")}>
                    <span className="b-actions">
                      <Button size="small" aria-label={t("upOf", { name: each.name })} disabled={at === 0 || move.busy} onClick={() => step(at, at - 1)}>{t("up")}</Button>
                      <Button size="small" aria-label={t("downOf", { name: each.name })} disabled={at === last || move.busy} onClick={() => step(at, at + 1)}>{t("down")}</Button>
                    </span>
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

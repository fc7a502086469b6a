import "../bot.css";
import { useNavigate, useParams } from "@tanstack/react-router";
import { Chip, Empty, Link, MoreList, Page as Frame, TimeAgo } from "@/components/ui";
import { useCan } from "@/lib/can";
import { useText } from "@/lib/i18n";
import { useNames } from "@/lib/names";
import { type Bot, useBots, useLimit } from "../api.ts";
import { BotSide } from "../components/BotSide.tsx";
import { Health } from "../components/Health.tsx";

/** The bots of the account: group chats and webhooks, and how they do. */
export function Page() {
  const t = useText("bot");
  const can = useCan();
  const names = useNames();
  const navigate = useNavigate();
  const { id } = useParams({ strict: false }) as { id?: string };
  const list = useBots();
  const limit = useLimit();
  const full = limit !== undefined && !list.hasMore && list.rows.length >= limit;
  const add = can("bot.create") && !full && <Link to="/bots/new" className="b-button b-button-first">{t("add")}</Link>;
  return (
    <Frame title={t("title")} tools={<>{limit !== undefined && !list.hasMore && <span className="b-count">{t("used", { n: list.rows.length, limit })}</span>}{add}{full && <span className="b-hint">{t("full", { limit })}</span>}</>}>
      <MoreList
        list={list}
        label={t("title")}
        id={(row: Bot) => row.id}
        empty={<Empty text={t("empty")}>{add}</Empty>}
        columns={[
          { key: "name", title: t("name"), cell: (row) => <Link to={`/bots/${row.id}`}>{row.name}</Link> },
          { key: "channel", title: t("channel"), cell: (row) => names.channel(row.channel) },
          { key: "health", title: t("state"), cell: (row) => <Health bot={row} /> },
          { key: "hint", title: t("host"), cell: (row) => <bdi>{row.hint}</bdi> },
          { key: "last", title: t("lastSuccess"), cell: (row) => (row.health.last_success_at ? <TimeAgo at={row.health.last_success_at} /> : <Chip>{t("never")}</Chip>) },
        ]}
      />
      {id && <BotSide id={id} onClose={() => void navigate({ to: "/bots" as "." })} />}
    </Frame>
  );
}

import { deliveryList } from "@api/sdk.gen";
import type { PageOfRecentDelivery, RecentDelivery } from "@api/types.gen";
import { useCan } from "@/lib/can";
import { useText } from "@/lib/i18n";
import { useNames } from "@/lib/names";
import { useWindow } from "@/lib/window";
import { Chip, type Tone } from "./Chip.tsx";
import { Empty } from "./Empty.tsx";
import { Link } from "./Link.tsx";
import { MoreList } from "./MoreList.tsx";
import { ResendMissed } from "./ResendMissed.tsx";
import { TimeAt } from "./TimeAgo.tsx";

const tones: Record<RecentDelivery["state"], Tone> = { accepted: "info", cancelled: "neutral", delivered: "good", failed: "bad", pending: "info", suppressed: "neutral" };

/** What went to one contact or bot, newest first, and what became of it. Show it to those who may delivery.list. */
export function RecentDeliveries({ of }: { of: { contact_id: string } | { bot_id: string } }) {
  const t = useText("ui");
  const names = useNames();
  const list = useWindow<RecentDelivery, PageOfRecentDelivery>(["delivery", "list", of], async (cursor, signal) => (await deliveryList({ query: { ...of, limit: 20, ...(cursor && { cursor }) }, signal })).data);
  const can = useCan();
  return (
    <>
      {can("delivery.resend") && (
        <p>
          <ResendMissed of={of} />
        </p>
      )}
      <MoreList
        list={list}
        label={t("delivery.title")}
        id={(row) => row.id}
        empty={<Empty text={t("delivery.empty")} />}
        columns={[
          { key: "at", title: t("delivery.at"), cell: (row) => <TimeAt at={row.created_at} /> },
          { key: "message", title: t("delivery.message"), cell: (row) => <Link to={`/notifications/${row.notification_id}`}>{row.title || t("delivery.trace")}</Link> },
          { key: "to", title: t("delivery.to"), cell: (row) => <To row={row} channel={names.channel(row.channel)} /> },
          { key: "state", title: t("delivery.state"), cell: (row) => <State row={row} /> },
        ]}
      />
    </>
  );
}

function To({ row, channel }: { row: RecentDelivery; channel: string }) {
  return (
    <>
      {channel} {row.address && <bdi className="b-hint">{row.address}</bdi>}
    </>
  );
}

/** How it stands, and the code of the reason: the words stand where the message's way is shown. */
function State({ row }: { row: RecentDelivery }) {
  const t = useText("ui");
  return (
    <>
      <Chip tone={tones[row.state]} {...(row.state === "pending" && { icon: "clock" as const })}>
        {t(`delivery.${row.state}`)}
      </Chip>
      {row.reason && <code className="b-hint"> {row.reason}</code>}
    </>
  );
}

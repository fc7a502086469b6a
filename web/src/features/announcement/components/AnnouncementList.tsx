import type { ReactNode } from "react";
import { Link, MoreList, TimeAgo } from "@/components/ui";
import { useText } from "@/lib/i18n";
import { useNames } from "@/lib/names";
import { type Announcement, type Filter, useAnnouncements } from "../api.ts";
import { StateChip } from "./StateChip.tsx";

/** Announcements, newest first. */
export function AnnouncementList({ filter, empty }: { filter: Filter; empty: ReactNode }) {
  const t = useText("announcement");
  const names = useNames();
  return (
    <MoreList
      list={useAnnouncements(filter)}
      label={t("title")}
      id={(row: Announcement) => row.id}
      empty={empty}
      columns={[
        { key: "type", title: t("type"), cell: (row) => <Link to={`/platform/announcements/${row.id}`}>{names.type(row.type)}</Link> },
        { key: "state", title: t("state"), cell: (row) => <StateChip state={row.state} /> },
        { key: "progress", title: t("progress"), cell: (row) => t("progressOf", { n: row.progress.total - row.progress.left, total: row.progress.total }) },
        { key: "external", title: t("external_id"), cell: (row) => row.external_id || "–" },
        { key: "created", title: t("created"), cell: (row) => <TimeAgo at={row.created_at} /> },
      ]}
    />
  );
}

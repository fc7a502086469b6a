import { useState } from "react";
import { Button, Chip, Dialog, Empty, Failure, MoreList, TimeAgo, TimeAt } from "@/components/ui";
import { useCan } from "@/lib/can";
import { useText } from "@/lib/i18n";
import { type Session, useEndSession, useSessions, type Whose } from "../api.ts";

/** Where somebody is signed in, and the end of it. */
export function SessionList({ whose = "" }: { whose?: Whose }) {
  const t = useText("credential");
  const can = useCan();
  const list = useSessions(whose);
  const [asked, setAsked] = useState<Session>();
  const end = useEndSession(whose, () => setAsked(undefined));
  const mayEnd = can(whose ? "user_session.delete" : "session.delete");
  const columns = [
    { key: "client", title: t("client"), cell: (row: Session) => row.user_agent || "–" },
    { key: "ip", title: t("ip"), cell: (row: Session) => row.ip },
    { key: "seen", title: t("lastSeen"), cell: (row: Session) => (row.current ? <Chip tone="good">{t("current")}</Chip> : <TimeAgo at={row.last_seen_at} />) },
    { key: "created", title: t("signedIn"), cell: (row: Session) => <TimeAt at={row.created_at} /> },
    { key: "do", title: "", cell: (row: Session) => mayEnd && !row.current && <Button size="small" onClick={() => setAsked(row)}>{t("end")}</Button> },
  ];
  return (
    <>
      <MoreList list={list} label={t("sessions")} columns={columns} id={(row) => row.id} empty={<Empty text={t("noSessions")} />} />
      <Dialog open={asked !== undefined} title={t("endTitle")} action={t("end")} danger busy={end.busy} onAction={() => asked && end.run(asked.id)} onCancel={() => setAsked(undefined)}>
        <p>{t("endEffect", { client: asked?.user_agent || "–", ip: asked?.ip })}</p>
        {end.problem && <Failure error={end.problem} />}
      </Dialog>
    </>
  );
}

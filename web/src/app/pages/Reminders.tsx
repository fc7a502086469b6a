import { useState } from "react";
import { Button, Link, Page as Frame } from "@/components/ui";
import { Feeds } from "@/features/calendar/components/Feeds.tsx";
import { ReasonWords } from "@/features/notification/components/Reason.tsx";
import { Calendar } from "@/features/reminder/components/Calendar.tsx";
import { useCan } from "@/lib/can";
import { useText } from "@/lib/i18n";

/** The reminders to come, by day, and the calendars that show them elsewhere. */
export function Page() {
  const t = useText("reminder");
  const feeds = useText("calendar");
  const can = useCan();
  const [open, setOpen] = useState(false);
  return (
    <Frame
      title={t("title")}
      tools={
        <>
          {can("resource.list") && <Link to="/resources">{t("toResources")}</Link>}
          {can("calendar_feed.list") && <Button onClick={() => setOpen(true)}>{feeds("subscribe")}</Button>}
        </>
      }
    >
      <Calendar reason={(code) => <ReasonWords reason={code} />} />
      {open && <Feeds onClose={() => setOpen(false)} />}
    </Frame>
  );
}

import "../announcement.css";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { Link, Page as Frame } from "@/components/ui";
import { useDraft } from "@/lib/draft";
import { useText } from "@/lib/i18n";
import { useTime } from "@/lib/time";
import { useNewAnnouncement } from "../api.ts";
import { Check } from "../components/Check.tsx";
import { Compose } from "../components/Compose.tsx";

/** An announcement in two steps: what and whom, then what that means. */
export function Page() {
  const t = useText("announcement");
  const { zone } = useTime();
  const navigate = useNavigate();
  const [checking, setChecking] = useState(false);
  const [made, setMade] = useState<string>();
  const form = useNewAnnouncement(zone, setMade);
  const { problem } = form.write;
  useDraft(form.dirty && !made, t("unsaved"));
  useEffect(() => {
    if (problem?.code === "validation-failed") setChecking(false); // the inputs show what is wrong
  }, [problem]);
  useEffect(() => {
    if (made) void navigate({ to: `/platform/announcements/${made}` as "." });
  }, [made, navigate]);
  return (
    <Frame title={checking ? t("checkTitle") : t("new")} tools={<Link to="/platform/announcements">{t("title")}</Link>}>
      {checking ? <Check form={form} zone={zone} onBack={() => setChecking(false)} /> : <Compose form={form} zone={zone} onCheck={() => setChecking(true)} />}
    </Frame>
  );
}

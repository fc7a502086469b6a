import { useState } from "react";
import { Failure, Loading, Segmented } from "@/components/ui";
import { problemOf } from "@/lib/client";
import { type Language, useText } from "@/lib/i18n";
import type { Preview as Shown } from "../api.ts";
import { MailFrame } from "./MailFrame.tsx";

/** What people get: the row of the inbox, the mail, the SMS. */
export function Preview({ shown, error, language }: { shown: Shown | undefined; error: Error | null; language: Language }) {
  const t = useText("messagetype");
  const faulty = error && problemOf(error).code === "validation-failed";
  return (
    <aside className="b-preview" aria-label={t("preview")}>
      <div aria-live="polite">{faulty && <p className="b-fault">{t("previewOld")}</p>}</div>
      {error && !faulty && <Failure error={error} />}
      {!shown && !error && <Loading rows={4} />}
      {shown && <Texts shown={shown} language={language} />}
    </aside>
  );
}

function Texts({ shown, language }: { shown: Shown; language: Language }) {
  const t = useText("messagetype");
  const [width, setWidth] = useState<"wide" | "phone">("wide");
  const { sms } = shown;
  return (
    <>
      <h3>{t("inInbox")}</h3>
      <div className="b-sample" lang={language}>
        <strong data-preview="title">{shown.title}</strong>
        <p data-preview="body">{shown.body}</p>
      </div>
      <h3>{t("asMail")}</h3>
      <p lang={language}>
        {t("subject")}: <strong data-preview="subject">{shown.subject}</strong>
      </p>
      <Segmented aria-label={t("width")} options={(["wide", "phone"] as const).map((value) => ({ value, label: t(value) }))} value={width} onChange={setWidth} />
      <MailFrame html={shown.html} title={t("asMail")} phone={width === "phone"} />
      <h3>{t("asSms")}</h3>
      <div className="b-sample" lang={language}>
        <p data-preview="short">{sms.text}</p>
      </div>
      <p className="b-hint">{t("smsLength", { units: sms.units, count: sms.parts, encoding: t(`encoding.${sms.encoding}`) })}</p>
    </>
  );
}

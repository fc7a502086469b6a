import { useEffect, useRef } from "react";

/** Shows a mail in a page of its own, which runs nothing of it. */
export function MailFrame({ html, title, phone }: { html: string; title: string; phone: boolean }) {
  const frame = useRef<HTMLIFrameElement>(null);
  useEffect(() => {
    const show = () => frame.current?.contentWindow?.postMessage({ mail: html }, location.origin);
    const ready = (event: MessageEvent) => event.source === frame.current?.contentWindow && event.origin === location.origin && show();
    addEventListener("message", ready);
    show();
    return () => removeEventListener("message", ready);
  }, [html]);
  return <iframe ref={frame} title={title} src={`${import.meta.env.BASE_URL}frame.html`} className={phone ? "b-mail b-mail-phone" : "b-mail"} />;
}

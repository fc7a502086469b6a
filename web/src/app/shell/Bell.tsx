import { useNavigate } from "@tanstack/react-router";
import { useContext, useEffect, useRef, useState } from "react";
import type { BelfryBell } from "../../../bell/belfry-bell.ts";
import { useCan } from "@/lib/can";
import { useLanguage } from "@/lib/i18n";
import { type Live, LiveContext } from "@/lib/live";
import { useDark } from "../useDark.ts";

/** The same bell that other consoles embed; here it shares the stream of the shell. */
export function Bell() {
  const [ready, setReady] = useState(false);
  const live = useContext(LiveContext);
  useEffect(() => void import("../../../bell/belfry-bell.ts").then(() => setReady(true)), []);
  return ready && live ? <Element live={live} /> : <span className="b-bell" />;
}

function Element({ live }: { live: Live }) {
  const place = useRef<HTMLSpanElement>(null);
  const can = useCan();
  const inbox = can("inbox.events") ? "account" : "mine";
  const language = useLanguage();
  const theme = useDark() ? "dark" : "light";
  const navigate = useNavigate();
  useEffect(() => {
    const bell = document.createElement("belfry-bell") as BelfryBell;
    bell.live = live;
    bell.setAttribute("inbox", inbox);
    const home = inbox === "account" ? "/inbox" : "/me/inbox";
    bell.setAttribute("href", `/console${home}`);
    bell.addEventListener("belfry-open", (event) => {
      event.preventDefault();
      void navigate({ to: `${home}/${(event as CustomEvent<{ id: string }>).detail.id}` as "." });
    });
    bell.addEventListener("click", (event) => {
      const link = event.composedPath().find((each) => each instanceof HTMLAnchorElement);
      if (!link) return;
      event.preventDefault();
      void navigate({ to: home as "." });
    });
    place.current?.append(bell);
    return () => bell.remove();
  }, [live, inbox, navigate]);
  useEffect(() => {
    const bell = place.current?.firstElementChild;
    bell?.setAttribute("lang", language);
    bell?.setAttribute("theme", theme);
  });
  return <span ref={place} className="b-bell-place" />;
}

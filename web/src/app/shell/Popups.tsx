import { App } from "antd";
import { useNavigate } from "@tanstack/react-router";
import { useRef } from "react";
import { useCan, useProfile } from "@/lib/can";
import { type LiveMessage, useLiveEvents } from "@/lib/live";

/** New messages pop up at the bottom right, in the tab that is looked at. */
export function Popups() {
  const { notification } = App.useApp();
  const { popups } = useProfile();
  const can = useCan();
  const navigate = useNavigate();
  const told = useRef(new Set<string>());
  const show = (message: LiveMessage) => {
    const open = () => {
      notification.destroy(message.id);
      void navigate({ to: `${can("message.get") ? "" : "/me"}/inbox/${message.id}` as "." });
    };
    const critical = message.severity === "critical";
    notification[message.severity === "info" ? "info" : message.severity === "warning" ? "warning" : "error"]({
      key: message.id,
      title: <span lang={message.language}>{message.title}</span>,
      placement: "bottomRight",
      duration: critical ? false : 6,
      pauseOnHover: true,
      role: critical ? "alert" : "status",
      onClick: open,
    });
  };
  useLiveEvents((event) => {
    if (event.kind !== "message" || !popups || document.hidden || told.current.has(event.message.id)) return;
    told.current.add(event.message.id);
    show(event.message);
  });
  return null;
}

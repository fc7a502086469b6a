import { useSyncExternalStore } from "react";
import { connection } from "@/lib/client";
import { useText } from "@/lib/i18n";
import { useTime } from "@/lib/time";

/** Says that the server does not answer, and how old what is shown is. */
export function ConnectionBar() {
  const t = useText("app");
  const time = useTime();
  const { connected, since } = useSyncExternalStore(connection.subscribe, connection.get);
  return (
    <div role="status" className={connected ? "b-hidden" : "b-connection"}>
      {!connected && t("disconnected", { time: time.clock(since) })}
    </div>
  );
}

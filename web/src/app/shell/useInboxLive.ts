import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { type Profile, profileQuery, useCan } from "@/lib/can";
import { type Live, listen } from "@/lib/live";

/** The inbox that the shell listens to: the account's for those who may, else the own one. */
export const listensTo = (can: (action: string) => boolean) =>
  can("inbox.events") ? { noun: "message", path: "/v1/inbox" } : { noun: "my_message", path: "/v1/me/inbox" };

/** Listens for the person: what the inbox says makes the cache read again. */
export function useInboxLive(profile: Profile): Live | undefined {
  const can = useCan();
  const client = useQueryClient();
  const [live, setLive] = useState<Live>();
  const { noun, path } = listensTo(can);
  const name = `${profile.account.id} ${profile.id} ${noun}`;
  useEffect(() => {
    const opened = listen(name, { url: `${path}/events` });
    setLive(opened);
    let revision: number | undefined;
    let soon: ReturnType<typeof setTimeout> | undefined;
    const readAgain = () => {
      soon ??= setTimeout(() => {
        soon = undefined;
        void client.invalidateQueries({ queryKey: [noun] });
      }, 200); // many changes are one
    };
    opened.subscribe((event) => {
      if (event.kind === "end") void client.invalidateQueries({ queryKey: profileQuery.queryKey });
      const changed = event.kind === "reset" || (event.kind === "counts" && revision !== undefined && event.revision !== revision);
      if (event.kind === "counts") revision = event.revision;
      if (changed) readAgain();
    });
    return () => {
      clearTimeout(soon);
      setLive(undefined);
      opened.close();
    };
  }, [name, path, noun, client]);
  return live;
}

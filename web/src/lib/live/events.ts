/** A message as a stream tells of it: as in the list, without its body. */
export interface LiveMessage {
  id: string;
  seq: number;
  type: string;
  category: string;
  severity: "info" | "warning" | "critical";
  language: string;
  title: string;
  link: string;
  created_at: string;
}

/** What a stream says. */
export type LiveEvent =
  | { kind: "counts"; unread: number; revision: number }
  | { kind: "message"; message: LiveMessage }
  | { kind: "reset" }
  /** The last of a connection: "revoked" is final, after the others it comes back. */
  | { kind: "end"; reason: string }
  | { kind: "connected"; connected: boolean };

/** Reads server-sent events out of chunks of text: each call returns the events that became whole. */
export function reader(): (chunk: string) => { event: string; id: string; data: string }[] {
  let rest = "";
  return (chunk) => {
    const blocks = (rest + chunk).split("\n\n");
    rest = blocks.pop() ?? "";
    return blocks.map((block) => {
      const found = { event: "", id: "", data: "" };
      for (const line of block.split("\n")) {
        const at = line.indexOf(":");
        const name = line.slice(0, at);
        if (name === "event" || name === "id" || name === "data") found[name] = line.slice(at + 1).replace(/^ /, "");
      }
      return found;
    });
  };
}

/** What an event of the stream says; undefined for comments and for kinds of later releases. */
export function eventOf(event: string, data: string): LiveEvent | undefined {
  switch (event) {
    case "counts":
      return { kind: "counts", ...(JSON.parse(data) as { unread: number; revision: number }) };
    case "message":
      return { kind: "message", message: JSON.parse(data) as LiveMessage };
    case "reset":
      return { kind: "reset" };
    case "end":
      return { kind: "end", ...(JSON.parse(data) as { reason: string }) };
    default:
      return undefined;
  }
}

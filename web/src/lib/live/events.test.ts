import { expect, test } from "vitest";
import { eventOf, reader } from "./events.ts";

test("events come whole however the network cuts them", () => {
  const text = 'retry: 1734\n\nevent: counts\nid: 41\ndata: {"unread":3,"revision":57}\n\n: still here\n\nevent: message\nid: 42\ndata: {"id":"msg_1"}\n\n';
  for (let size = 1; size < 20; size++) {
    const read = reader();
    const found = [];
    for (let at = 0; at < text.length; at += size) found.push(...read(text.slice(at, at + size)));
    const said = found.map(({ event, id, data }) => [id, eventOf(event, data)]).filter(([, event]) => event);
    expect(said).toEqual([
      ["41", { kind: "counts", unread: 3, revision: 57 }],
      ["42", { kind: "message", message: { id: "msg_1" } }],
    ]);
  }
});

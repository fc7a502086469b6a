import { expect, test } from "vitest";
import type { Provider } from "./api.ts";
import { moves } from "./components/order.ts";

const at = (...positions: number[]) => positions.map((position, i) => ({ id: `p${i}`, version: 1, position }) as Provider);

test("two neighbours change places", () => {
  expect(moves(at(1, 2, 3), 2, 1)).toEqual([
    { id: "p2", version: 1, position: 2 },
    { id: "p1", version: 1, position: 3 },
  ]);
});

test("gaps stay gaps", () => expect(moves(at(10, 50), 0, 1).map((each) => each.position)).toEqual([10, 50]));

test("providers of the same position get places of their own", () => {
  expect(moves(at(0, 0, 0), 0, 1)).toEqual([
    { id: "p1", version: 1, position: 1 },
    { id: "p0", version: 1, position: 2 },
    { id: "p2", version: 1, position: 3 },
  ]);
});

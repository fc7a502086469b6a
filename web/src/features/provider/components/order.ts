import type { Provider } from "../api.ts";

/** The positions that have to change so that the provider at from stands at to. */
export function moves(of: readonly Provider[], from: number, to: number): { id: string; version: number; position: number }[] {
  const order = of.toSpliced(from, 1).toSpliced(to, 0, ...of.slice(from, from + 1));
  const free = new Set(of.map((each) => each.position)).size === of.length;
  const positions = free ? of.map((each) => each.position) : of.map((_, i) => i + 1);
  return order.flatMap(({ id, version, position }, i) => (positions[i] === position ? [] : [{ id, version, position: positions[i] ?? i + 1 }]));
}

import type { ReactNode } from "react";

/** What is known of a thing: names and values. Empty values are left out. */
export function Facts({ items }: { items: readonly (readonly [name: string, value: ReactNode])[] }) {
  const there = items.filter(([, value]) => value !== undefined && value !== null && value !== "" && value !== false);
  return (
    <dl className="b-facts">
      {there.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

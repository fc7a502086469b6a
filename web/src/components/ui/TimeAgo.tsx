import { useTime } from "@/lib/time";

/** A relative time that carries the absolute one with its zone. */
export function TimeAgo({ at }: { at: string }) {
  const time = useTime();
  return (
    <time dateTime={at} title={time.absolute(at)}>
      {time.relative(at)}
    </time>
  );
}

/** Date and time; the zone stands in the title. */
export function TimeAt({ at }: { at: string }) {
  const time = useTime();
  return (
    <time dateTime={at} title={time.absolute(at)}>
      {time.full(at)}
    </time>
  );
}

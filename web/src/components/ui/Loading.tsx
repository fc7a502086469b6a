import { type ReactNode, useEffect, useState } from "react";
import { Failure } from "./Failure.tsx";
import { Skeleton } from "./antd.ts";

/** A skeleton, but only when it takes a moment: what flashes helps nobody. */
export function Loading({ rows = 6 }: { rows?: number }) {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 150);
    return () => clearTimeout(timer);
  }, []);
  return <div aria-busy="true">{late && <Skeleton active={false} paragraph={{ rows }} />}</div>;
}

/** The states of what is read: on its way, failed, or there. */
export interface Reading<T> {
  data: T | undefined;
  error: Error | null;
  refetch: () => unknown;
}

/** Shows what was read, or how reading stands. What was read before stays beside a failure. */
export function Loaded<T>({ query, children, rows }: { query: Reading<T>; children: (data: T) => ReactNode; rows?: number }) {
  return (
    <>
      {query.error && <Failure error={query.error} retry={() => void query.refetch()} />}
      {query.data !== undefined ? children(query.data) : !query.error && <Loading rows={rows} />}
    </>
  );
}

import { Navigate } from "@tanstack/react-router";
import { useCan } from "@/lib/can";

/** Where one begins: the first page that one may see. */
export function Page() {
  const can = useCan();
  if (can("message.list")) return <Navigate to={"/inbox" as "."} replace />;
  return <Navigate to={"/me/inbox" as "."} replace />;
}

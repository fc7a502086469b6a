import { Navigate } from "@tanstack/react-router";
import { lazy } from "react";
import { useCan } from "@/lib/can";

const Home = lazy(async () => ({ default: (await import("@/features/coverage/pages/Home.tsx")).Page }));

/** Where one begins: the overview of the account, else the first page that one may see. */
export function Page() {
  const can = useCan();
  if (can("provider.list")) return <Navigate to={"/platform" as "."} replace />;
  if (can("coverage.get")) return <Home />;
  if (can("message.list")) return <Navigate to={"/inbox" as "."} replace />;
  return <Navigate to={"/me/inbox" as "."} replace />;
}

import { Link as RouterLink } from "@tanstack/react-router";
import type { ReactNode } from "react";

interface Target {
  /** A path below /console: "/contacts/con_1?tab=log". */
  to: string;
  children: ReactNode;
  className?: string;
  "aria-label"?: string;
  "aria-current"?: "page";
  onClick?: () => void;
}

/** A link to another page of the console. */
export function Link({ to, ...rest }: Target) {
  const [path, search] = to.split("?");
  const wanted = search ? Object.fromEntries(new URLSearchParams(search)) : {};
  return <RouterLink to={path} search={wanted as never} activeOptions={{ exact: true }} {...rest} />;
}

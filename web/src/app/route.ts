import type { ComponentType } from "react";

/** A row of the tables of routes. */
export interface Route {
  /** Below /console: "/contacts/$id". */
  path: string;
  /** The page, read when it is first shown; it exports a component named Page. */
  page: () => Promise<{ Page: ComponentType }>;
  /** The operation without which the page makes no sense: "contact.list"; undefined for everybody. */
  needs?: string;
  /** Whether the texts that are read first are all that it needs. */
  first?: true;
  /** Whether it stands outside of the shell, for people who are not signed in. */
  outside?: true;
}

/** A path of the console is a fit place to go on to after sign-in; everything else is not. */
export function nextOf(asked: unknown): string {
  const next = typeof asked === "string" ? asked.replace(/^\/console(?=\/|$)/, "") : "";
  return /^\/(?![/\\])[^\\\s]*$/.test(next) && !next.startsWith("/sign-in") ? next : "/";
}

const names = ["id", "type", "key", "channel", "address"] as const;

/** By which member the things of a list are told apart; undefined where there is none. */
function nameOf(list: readonly unknown[]): string | undefined {
  return names.find((name) => {
    const values = list.map((each) => (each as Record<string, unknown> | null)?.[name]);
    return values.every((value) => typeof value === "string" && value !== "") && new Set(values).size === values.length;
  });
}

/** The same value with its lists of named things as objects, so that a diff shows what changed in which. */
export function keyed(value: unknown): unknown {
  if (Array.isArray(value)) {
    const name = value.length > 0 ? nameOf(value) : undefined;
    if (!name) return value;
    return Object.fromEntries(value.map((each: Record<string, unknown>) => [String(each[name]).replaceAll(".", "·"), keyed(each)]));
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, keyed(inner)]));
}

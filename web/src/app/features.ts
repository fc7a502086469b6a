/** Names what import.meta.glob found by the feature's folder; "app" for what stands here. */
export function byFeature(found: Record<string, object>): Record<string, object> {
  return Object.fromEntries(Object.entries(found).map(([path, texts]) => [path.split("/").at(-2)?.replace(/^\.$/, "app") ?? "", texts]));
}

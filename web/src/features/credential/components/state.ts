import type { Key } from "../api.ts";

/** Whether a key still opens anything; one that was replaced does for a while. */
export function stateOf(key: Key, now: Date): "expired" | "revoked" | "replaced" | "valid" {
  if (key.revoked_at && Date.parse(key.revoked_at) <= now.getTime()) return "revoked";
  if (key.expires_at && Date.parse(key.expires_at) <= now.getTime()) return "expired";
  return key.rotated_at ? "replaced" : "valid";
}

import { useRef } from "react";

/** A new Idempotency-Key. randomUUID is missing on pages over plain http. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** One thing that a person wants to happen once, however often it is tried. */
export interface Intent {
  /** Headers that make tries of the same intent one. */
  headers(version?: number): { "Idempotency-Key": string; "If-Match"?: string };
  /** It happened, or is wanted differently: the next try is another intent. */
  renew(): void;
}

/** The intent of a form or a button: the key is kept over retries until renew. */
export function useIntent(): Intent {
  const key = useRef("");
  const ref = useRef<Intent>({
    headers(version) {
      key.current ||= newKey();
      const headers = { "Idempotency-Key": key.current };
      return version === undefined ? headers : { ...headers, "If-Match": `"${version}"` };
    },
    renew() {
      key.current = "";
    },
  });
  return ref.current;
}

import type { AnnounceAudience, AnnounceInBody } from "@api/types.gen";
import { instantOf, startOfDay } from "@/lib/time";

/** An announcement as it is typed. */
export interface Draft {
  type: string;
  variables: Record<string, string>;
  link: string;
  severity: "" | "info" | "warning" | "critical";
  /** Everybody, or those that the fields below select. */
  everybody: boolean;
  /** Ids and aliases, one a line. */
  accounts: string;
  alias_prefix: string;
  language: "" | "zh-CN" | "en-US";
  time_zone: string;
  created_from: string;
  created_to: string;
  schedule_at: string;
  expires_at: string;
  accounts_per_minute: string;
  external_id: string;
}

export const emptyDraft: Draft = {
  type: "", variables: {}, link: "", severity: "", everybody: true, accounts: "", alias_prefix: "", language: "", time_zone: "",
  created_from: "", created_to: "", schedule_at: "", expires_at: "", accounts_per_minute: "", external_id: "",
};

const lines = (text: string) => [...new Set(text.split(/[\s,]+/).filter(Boolean))];

/** Who is told. Days are the zone's; the last one counts as a whole. */
export function audienceOf(draft: Draft, zone: string): AnnounceAudience {
  if (draft.everybody) return { all: true };
  const accounts = lines(draft.accounts);
  const next = draft.created_to && new Date(Date.parse(`${draft.created_to}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
  return {
    ...(accounts.length > 0 && { accounts }),
    ...(draft.alias_prefix && { alias_prefix: draft.alias_prefix }),
    ...(draft.language && { language: draft.language }),
    ...(draft.time_zone && { time_zone: draft.time_zone }),
    ...(draft.created_from && { created_from: startOfDay(draft.created_from, zone).toISOString() }),
    ...(next && { created_to: startOfDay(next, zone).toISOString() }),
  };
}

/** What is sent; empty fields are left out. */
export function bodyOf(draft: Draft, zone: string): AnnounceInBody {
  const { type, link, severity, external_id } = draft;
  const variables = Object.fromEntries(Object.entries(draft.variables).filter(([, value]) => value !== ""));
  return {
    type,
    audience: audienceOf(draft, zone),
    variables,
    ...(link && { link }),
    ...(severity && { severity }),
    ...(external_id && { external_id }),
    ...(draft.schedule_at && { schedule_at: instantOf(draft.schedule_at, zone).toISOString() }),
    ...(draft.expires_at && { expires_at: instantOf(draft.expires_at, zone).toISOString() }),
    ...(draft.accounts_per_minute && { accounts_per_minute: Number(draft.accounts_per_minute) }),
  };
}

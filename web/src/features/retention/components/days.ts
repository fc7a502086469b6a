import type { RetentionBody, RetentionRule } from "@api/types.gen";

export const rules = ["messages", "notifications"] as const;
export type Rule = (typeof rules)[number];

/** Days as typed: "messages" for all categories, "messages/activity" for one; empty is as all. */
export type Days = Record<string, string>;

export function daysOf(of: RetentionBody): Days {
  return Object.fromEntries(rules.flatMap((rule) => [[rule, String(of[rule].days)], ...Object.entries(of[rule].categories ?? {}).map(([category, days]) => [`${rule}/${category}`, String(days)])]));
}

function ruleOf(days: Days, rule: Rule): RetentionRule {
  const own = Object.entries(days).filter(([key, value]) => key.startsWith(`${rule}/`) && value !== "");
  return { days: Number(days[rule]), categories: Object.fromEntries(own.map(([key, value]) => [key.slice(rule.length + 1), Number(value)])) };
}

export const bodyOf = (days: Days): RetentionBody => ({ messages: ruleOf(days, "messages"), notifications: ruleOf(days, "notifications") });

/** Where a value stands in the request. */
export function pointerOf(key: string): string {
  const [rule, category] = key.split("/");
  return category ? `#/${rule}/categories/${category}` : `#/${rule}/days`;
}

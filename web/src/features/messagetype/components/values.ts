import type { CreateMessageTypeInBody, MessageTypeView, TemplateView, VariableView } from "@api/types.gen";
import type { Fault } from "@/lib/client";

export type Severity = "info" | "warning" | "critical";
export const severities: readonly Severity[] = ["info", "warning", "critical"];

/** What an operator edits of a message type. */
export interface Values {
  templates: Record<string, TemplateView>;
  variables: VariableView[];
  names: Record<string, string>;
  descriptions: Record<string, string>;
  audience: string[];
  default: string[];
  locked: string[];
  severity: Severity;
  deadline_seconds: number;
  dedup_window_seconds: number;
  enabled: boolean;
  strict: boolean;
  marketing: boolean;
  optional: boolean;
  at_most_once: boolean;
}

export function valuesOf(of: MessageTypeView): Values {
  const { templates, variables, names, descriptions, audience, locked, deadline_seconds, dedup_window_seconds, enabled, strict, marketing, optional, at_most_once } = of;
  return { templates, variables, names, descriptions, audience, default: of.default, locked, severity: of.severity as Severity, deadline_seconds, dedup_window_seconds, enabled, strict, marketing, optional, at_most_once };
}

/** The functions that types are meant for; the shipped ones name them all. */
export const audiencesOf = (types: readonly { audience: string[] }[]) => [...new Set(types.flatMap((each) => each.audience))].sort().map((value) => ({ value, label: value }));

/** A type as it begins: its texts say what its names say, until somebody writes better ones. */
export interface NewValues {
  key: string;
  zh: string;
  en: string;
  describeZh: string;
  describeEn: string;
  severity: Severity;
  audience: string[];
}

export function firstTexts({ key, zh, en, describeZh, describeEn, severity, audience }: NewValues): CreateMessageTypeInBody {
  const text = (name: string, description: string): TemplateView => ({ title: name, body: description, subject: name, short: name });
  return {
    key, severity, deadline_seconds: 86_400, audience, default: ["inbox", "email"], variables: [],
    names: { "zh-CN": zh, "en-US": en },
    descriptions: { "zh-CN": describeZh, "en-US": describeEn },
    templates: { "zh-CN": text(zh, describeZh), "en-US": text(en, describeEn) },
  };
}

/** Faults of a draft stand where those of the saved text do. */
export const ofDraft = (faults: readonly Fault[]): Fault[] => faults.map((fault) => ({ ...fault, pointer: fault.pointer.replace(/^#\/draft\//, "#/") }));

/** The line that a fault names ("Line 3: …"); 0 for none. */
export const lineOf = (fault: Fault): number => Number(/^Line (\d+): /.exec(fault.detail)?.[1] ?? 0);

/** Where a line begins and ends in a text; lines count from 1. */
export function boundsOf(text: string, line: number): [from: number, to: number] {
  const lines = text.split("\n");
  const from = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
  return [from, from + (lines[line - 1]?.length ?? 0)];
}

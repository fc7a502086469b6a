import type { Begun, Coverage } from "../api.ts";

export const concerns = ["unreached", "floors", "failing", "single", "unproven", "idle"] as const;
export type Concern = (typeof concerns)[number];

/** Something that somebody should look at: the names, and the reason of each where there is one. */
export interface Card {
  concern: Concern;
  lines: { id: string; name: string; note: string; to: string }[];
}

/** Why nothing is sent to a bot, while it is suspended; before that how often it failed. */
const noteOf = (bot: Coverage["failing"][number]) => (bot.suspended_at ? bot.reason : `× ${bot.failures}`);

/** The cards of the home page, the most urgent first; those with nothing in them are left out. */
export function cardsOf(coverage: Coverage, unproven: { id: string; name: string }[], typeName: (type: string) => string): Card[] {
  const type = (key: string, note: string, id = key) => ({ id, name: typeName(key), note, to: `/subscriptions/${key}` });
  const contact = (each: { id: string; name: string }) => ({ id: each.id, name: each.name, note: "", to: `/contacts/${each.id}` });
  const cards: Card[] = [
    { concern: "unreached", lines: coverage.unreached.map((each) => type(each.type, each.reason)) },
    { concern: "floors", lines: coverage.floors.map((each) => type(each.type, each.reason, `${each.type} ${each.channel}`)) },
    { concern: "failing", lines: coverage.failing.map((each) => ({ id: each.id, name: each.name, note: noteOf(each), to: `/bots/${each.id}` })) },
    { concern: "single", lines: coverage.single.map((each) => ({ ...type(each.type, ""), note: each.contact.name })) },
    { concern: "unproven", lines: unproven.map(contact) },
    { concern: "idle", lines: coverage.idle.map(contact) },
  ];
  return cards.filter((card) => card.lines.length > 0);
}

export const steps = ["accountContact", "contact", "types", "bot", "access"] as const;
export type Step = (typeof steps)[number];

/** The steps of a new account that somebody may see, and which are done. */
export function checklistOf(begun: Begun): { step: Step; done: boolean }[] {
  const done: Record<Step, boolean | undefined> = {
    accountContact: begun.accountReached,
    contact: begun.contacts === undefined ? undefined : begun.contacts > 0,
    types: begun.chosen === undefined ? undefined : begun.chosen > 0,
    bot: begun.bots === undefined ? undefined : begun.bots > 0,
    access: begun.users === undefined ? undefined : begun.users > 0,
  };
  return steps.flatMap((step) => (done[step] === undefined ? [] : [{ step, done: done[step] }]));
}

/** An account is new until it has a contact and chose something. */
export const isNew = (begun: Begun) => begun.contacts === 0 || begun.chosen === 0;

import type { ChoiceView } from "@api/types.gen";

/** One line of a change: which part, and what it was and is. */
export interface ChoiceLine {
  part: "channels" | "targets" | "bots" | "caps" | "marketing";
  before: string;
  after: string;
}

/** The words for what nobody chose, and the names of ids. */
export interface ChoiceWords {
  recommended: string;
  accountContact: string;
  everyBot: string;
  none: string;
  on: string;
  off: string;
  channel: (key: string) => string;
  name: (id: string) => string;
}

const parts = ["channels", "targets", "bots", "caps", "marketing"] as const;

function say(choice: ChoiceView | null, part: ChoiceLine["part"], words: ChoiceWords): string {
  const list = (items: string[]) => items.join(", ") || words.none;
  switch (part) {
    case "channels": return choice?.channels ? list(choice.channels.map(words.channel)) : words.recommended;
    case "targets": return choice?.targets?.length ? list(choice.targets.map(words.name)) : words.accountContact;
    case "bots": return choice?.bots ? list(choice.bots.map(words.name)) : words.everyBot;
    case "caps": return list(Object.entries(choice?.caps ?? {}).map(([channel, cap]) => `${words.channel(channel)} ${cap}`));
    case "marketing": return choice?.marketing === false ? words.off : words.on;
  }
}

/** What a change did, in words: the parts that differ. */
export function linesOf(before: ChoiceView | null, after: ChoiceView | null, words: ChoiceWords): ChoiceLine[] {
  return parts.map((part) => ({ part, before: say(before, part, words), after: say(after, part, words) })).filter((line) => line.before !== line.after);
}

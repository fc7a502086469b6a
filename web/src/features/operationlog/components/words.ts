import { useLanguage, useText } from "@/lib/i18n";
import texts from "../texts.en-US.ts";

type Noun = keyof typeof texts.noun;
type Verb = keyof typeof texts.verb;

const isNoun = (key: string): key is Noun => Object.hasOwn(texts.noun, key);
const isVerb = (key: string): key is Verb => Object.hasOwn(texts.verb, key);

/** Actions and kinds of objects in words: "bot.create" is "Create bot", 创建机器人. What has none stands for itself. */
export function useWords() {
  const t = useText("operationlog");
  const between = useLanguage() === "zh-CN" ? "" : " ";
  const kind = (key: string) => (isNoun(key) ? t(`noun.${key}`) : key);
  return {
    kind,
    action: (action: string) => {
      const [noun = "", verb = ""] = action.split(".");
      return isVerb(verb) && isNoun(noun) ? t(`verb.${verb}`) + between + t(`noun.${noun}`) : action;
    },
  };
}

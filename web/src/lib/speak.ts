import { createContext, useContext } from "react";
import type { Language } from "./i18n.ts";

/** How a page changes the language of the console; the app sets it. */
export const SpeakContext = createContext<(language: Language) => void>(() => undefined);

export const useSpeak = () => useContext(SpeakContext);

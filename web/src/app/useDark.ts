import { useMedia } from "@/lib/narrow";
import { useSettings } from "./settings.ts";

/** Whether the look is dark: as chosen, else as the system is. */
export function useDark(): boolean {
  const { theme } = useSettings();
  const system = useMedia("(prefers-color-scheme: dark)");
  return theme === "dark" || (theme === "system" && system);
}

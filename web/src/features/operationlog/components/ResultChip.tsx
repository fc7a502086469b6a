import { Chip, type Tone } from "@/components/ui";
import { useText } from "@/lib/i18n";
import type { Entry } from "../api.ts";

const tones: Record<Entry["result"], Tone> = { succeeded: "good", denied: "bad", refused: "warn" };

/** How an operation ended. */
export function ResultChip({ result }: { result: Entry["result"] }) {
  const t = useText("operationlog");
  return <Chip tone={tones[result]}>{t(`result.${result}`)}</Chip>;
}

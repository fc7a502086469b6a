import { useText } from "@/lib/i18n";
import { Link } from "./Link.tsx";
import { outlasting } from "./outlasting.ts";

/** A link to what goes on when somebody's right ends; pointer is what the server names it by. */
export function Outlasting({ pointer }: { pointer: string }) {
  const t = useText("ui");
  const { noun, id, to } = outlasting(pointer);
  return (
    <Link to={to}>
      {t(`outlasts.${noun}` as "outlasts.bots", { defaultValue: noun })} <code>{id}</code>
    </Link>
  );
}

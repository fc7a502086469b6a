import { Chip } from "@/components/ui";
import { useText } from "@/lib/i18n";
import type { Address } from "../api.ts";
import { failureOf, looks } from "./states.ts";

/** The state of an address as icon and word, and why it failed. */
export function AddressState({ address }: { address: Address }) {
  const t = useText("contact");
  const look = looks[address.state];
  return (
    <>
      <Chip tone={look.tone} icon={look.icon}>
        {t(`state.${address.state}`)}
        {address.state === "failed" && ` · ${t(`failure.${failureOf(address)}.why`)}`}
      </Chip>
      {address.leaving && <Chip tone="warn">{t("leaving")}</Chip>}
    </>
  );
}

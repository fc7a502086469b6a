import type { IconName, Tone } from "@/components/ui";
import type { Address, AddressState, Contact } from "../api.ts";

export const addressStates = ["pending", "verified", "failed", "expired", "waived"] as const satisfies readonly AddressState[];

/** How a state looks: colour and drawing stand beside its word. */
export const looks: Record<AddressState, { tone: Tone; icon?: IconName }> = {
  pending: { tone: "info", icon: "clock" },
  verified: { tone: "good" },
  failed: { tone: "bad" },
  expired: { tone: "warn", icon: "clock" },
  waived: { tone: "good", icon: "star" },
};

/** What one does about an address that failed, by its reason. */
export const failures = ["phone_invalid", "provider_unavailable", "channel_misconfigured", "recipient_invalid"] as const;
export type KnownFailure = (typeof failures)[number] | "other";

export const failureOf = (address: Address): KnownFailure => failures.find((each) => each === address.reason) ?? "other";

/** Whether somebody is asked to prove an address, so that its state changes by itself. */
export const waits = (contact: Contact) => contact.addresses.some((each) => each.state === "pending" && each.invitation !== null);

/** Whether an invitation for the address can be sent (again). */
export const canResend = (address: Address) => !address.leaving && ["pending", "expired", "failed"].includes(address.state);

/** Whether a code for the address is out that can still be typed. */
export const takesCode = (address: Address) => address.state === "pending" && address.invitation?.state === "pending" && address.invitation.tries_left > 0;

export const reached = (address: Address) => address.state === "verified" || address.state === "waived";

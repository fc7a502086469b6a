import { expect, test } from "vitest";
import { type Address, bodyOf, type Contact, valuesOf } from "./api.ts";

const address = (value: string, leaving = false) => ({ channel: "email", value, leaving }) as Address;

test("addresses on their way out are not sent again", () => {
  const contact = { name: "Mia", language: "", time_zone: "", addresses: [address("old@example.org", true), address("new@example.org")] } as unknown as Contact;
  expect(valuesOf(contact).addresses).toEqual([{ channel: "email", value: "new@example.org" }]);
  expect(valuesOf(null)).toEqual({ name: "", language: "", time_zone: "", addresses: [] });
});

test("empty lines and what follows the account are left out", () => {
  expect(bodyOf({ name: " Mia ", language: "", time_zone: "", addresses: [{ channel: "sms", value: " " }, { channel: "email", value: "m@example.org" }] })).toEqual({ name: "Mia", addresses: [{ channel: "email", value: "m@example.org" }] });
  expect(bodyOf({ name: "Mia", language: "en-US", time_zone: "Asia/Shanghai", addresses: [] })).toEqual({ name: "Mia", addresses: [], language: "en-US", time_zone: "Asia/Shanghai" });
});

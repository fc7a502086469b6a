// What operators do: try a provider, see what people will read, tell accounts, vouch for an address.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { call, open, shown, start, until } from "./harness.mjs";

let world;
before(async () => {
  world = await start();
  await world.as("admin", "/v1/me", { language: "en-US" }, { method: "PATCH" });
});
after(() => world?.stop());

test("a provider's test fails in the provider's words, and works once that is mended", async () => {
  const { context, page } = await open(world, "admin");
  await shown(page, "provider", async () => {
    const { items } = await world.as("admin", "/v1/providers?channel=sms");
    await world.misbehave("sms", { status: 400 });
    await page.goto(`/console/platform/channels/${items[0].id}`);
    await page.getByLabel("To", { exact: true }).fill("+8613800138000");
    await page.getByRole("button", { name: "Send a test" }).click();
    await page.getByText("The provider did not take it").waitFor();
    await page.getByText("as ordered").waitFor();
    await world.misbehave("sms", {});
    await page.getByRole("button", { name: "Send a test" }).click();
    await page.getByText("The provider took it").waitFor();
  });
  await context.close();
});

test("the preview is what people get, byte for byte", async () => {
  const { context, page } = await open(world, "admin");
  await shown(page, "preview", async () => {
    await page.goto("/console/platform/message-types/account.low_balance");
    const text = (name) => page.locator(`[data-preview="${name}"]`).evaluate((element) => element.textContent);
    await page.locator("[data-preview=title]").waitFor();
    const before = (await call(world.sinks, "/api/sms")).items.length;
    await world.submit({ variables: { balance: "CNY 86.50", threshold: "CNY 100.00", days_left: "3" } });
    const { items } = await until(() => world.api("/v1/inbox/messages?q=86.50"), (list) => list.items.length > 0, "the message");
    const message = await world.api(`/v1/inbox/messages/${items[0].id}`);
    assert.equal(await text("title"), message.title);
    assert.equal(await text("body"), message.body);
    const texts = await until(() => call(world.sinks, "/api/sms"), (list) => list.items.length > before, "the SMS");
    assert.equal(texts.items[0].item.text, await text("short"));
  });
  await context.close();
});

test("an announcement is checked, agreed to by its number, paused and resumed, and adds up", async () => {
  for (let i = 0; i < 5; i++) {
    await world.as("admin", "/v1/accounts", { alias: `shop-${i}`, name: `Shop ${i}`, language: "en-US", time_zone: "Asia/Shanghai", root: { name: "root", password: "a long passphrase" }, addresses: [{ channel: "email", value: `ops@shop${i}.example` }] });
  }
  const { context, page } = await open(world, "admin");
  await shown(page, "announcement", async () => {
    await page.goto("/console/platform/announcements/new");
    await page.getByRole("combobox", { name: "Message type" }).fill("activity.launch");
    await page.locator(".ant-select-item-option").filter({ hasText: "(activity.launch)" }).click();
    await page.getByLabel("product_name").fill("Cloud Disk");
    await page.getByLabel("summary").fill("Twice as fast.");
    await page.getByLabel("A selection").check();
    await page.getByLabel("Alias begins with").fill("shop-");
    await page.getByLabel("Accounts a minute, at most").fill("30");
    await page.getByRole("button", { name: "Check" }).click();
    await page.getByText("5 accounts at this moment").waitFor();
    await page.getByText(/Shop 0 \(shop-0\)/).waitFor();
    await page.getByLabel("Type 5 to send it").fill("5");
    await page.getByRole("button", { name: "Send", exact: true }).click();
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByText("Paused", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Resume" }).click();
    await page.getByText("Done", { exact: true }).waitFor({ timeout: 40_000 });
    const { progress } = await world.as("admin", `/v1/announcements/${page.url().split("/").pop()}`);
    assert.equal(progress.total, 5);
    assert.equal(progress.accepted + progress.disabled + progress.refused + progress.left, progress.total);
    assert.equal(progress.left, 0);
  });
  await context.close();
});

test("an operator vouches for an address that nobody proved", async () => {
  await world.api("/v1/contacts", { name: "Wei", addresses: [{ channel: "email", value: "wei@acme.example" }] });
  const { context, page } = await open(world, "admin");
  await shown(page, "waive", async () => {
    await page.goto("/console/platform/recipients");
    await page.getByRole("searchbox", { name: "Address, whole" }).fill("wei@acme.example");
    const row = page.getByRole("row").filter({ hasText: "Wei" });
    await row.getByRole("button", { name: "Waive the proof" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Waive the proof" }).click();
    await row.getByText("Vouched for").waitFor();
    const { items } = await world.api("/v1/contacts?q=Wei");
    assert.equal(items[0].addresses[0].state, "waived");
  });
  await context.close();
});

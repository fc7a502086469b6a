import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { call, open, shown, start, until } from "./harness.mjs";

let world;
before(async () => {
  world = await start();
  await call(world.base, "/v1/notifications", { type: "account.low_balance", account: "acme", variables: { balance: "CNY 86.50", threshold: "CNY 100.00", days_left: "3" } }, { key: world.env.PRODUCT_KEY });
  await until(() => world.api("/v1/inbox/counts"), (counts) => counts.unread === 1, "the message");
});
after(() => world?.stop());

const root = () => world.people.root;

async function signIn(page, who = root()) {
  await page.getByRole("textbox", { name: "Account" }).fill(who.account);
  await page.getByRole("textbox", { name: "User name" }).fill(who.name);
  await page.getByRole("textbox", { name: "Password" }).fill(who.password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

test("the printed address fills the sign-in page in, and one click later the inbox lives", async () => {
  const { context, page } = await open(world);
  await shown(page, "printed", async () => {
    await page.goto(`/console/sign-in?account=acme#name=root&password=${encodeURIComponent(root().password)}`);
    assert.equal(await page.getByRole("textbox", { name: "User name" }).inputValue(), "root");
    assert.equal(new URL(page.url()).hash, "", "the password does not stay in the address");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.locator(".b-live").waitFor();
    world.states.root = await context.storageState();
  });
  await context.close();
});

test("a link of a mail leads through the sign-in page to the message", async () => {
  const { items } = await world.api("/v1/inbox/messages");
  const { context, page } = await open(world);
  await shown(page, "deep-link", async () => {
    await page.goto(`/console/n/${items[0].notification_id}?account=acme`);
    await signIn(page);
    await page.locator(".b-message-body").waitFor();
    assert.ok(page.url().endsWith(`/console/inbox/${items[0].id}`), page.url());
  });
  await context.close();
});

test("a link to another account's message says whose it is", async () => {
  const { items } = await world.api("/v1/inbox/messages");
  const { context, page } = await open(world, "admin");
  await shown(page, "other-account", async () => {
    await page.goto(`/console/n/${items[0].notification_id}?account=acme`);
    await page.getByText(/belongs to the account acme|属于账号 acme/).waitFor();
  });
  await context.close();
});

test("after sign-in nobody is sent to another site", async () => {
  for (const next of ["//evil.example", "/\\evil.example", "https://evil.example/", "javascript:alert(1)"]) {
    const { context, page } = await open(world);
    await page.goto(`/console/sign-in?next=${encodeURIComponent(next)}`);
    await signIn(page);
    await page.locator(".b-live").waitFor();
    assert.equal(new URL(page.url()).origin, world.base, next);
    await context.close();
  }
});

test("a wrong password is told in words of the page", async () => {
  const { context, page } = await open(world);
  await page.goto("/console/sign-in");
  await signIn(page, { ...root(), password: "not this one" });
  await page.getByText("Account, user name or password is wrong.").waitFor();
  await context.close();
});

test("a session that ends is renewed over the page, and what was asked happens once", async () => {
  const { context, page, seen } = await open(world, "root");
  await shown(page, "renew", async () => {
    await page.goto("/console/inbox");
    await page.locator(".b-message input[type=checkbox]").first().check();
    await context.clearCookies();
    await page.getByRole("button", { name: "Mark as read", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: "Your session ended" });
    await dialog.getByLabel("Password").fill(root().password);
    await dialog.getByRole("button", { name: "Sign in" }).click();
    await dialog.waitFor({ state: "hidden" });
    await until(() => world.api("/v1/inbox/counts"), (counts) => counts.unread === 0, "the message is read");
    assert.equal(seen.writes.filter((each) => each.endsWith("/messages/read")).length, 2, "the same request again");
  });
  world.states.root = await context.storageState();
  await context.close();
});

test("a write whose answer was lost happens once", async () => {
  const { context, page } = await open(world, "root");
  await shown(page, "cut", async () => {
    await call(world.base, "/v1/notifications", { type: "account.low_balance", account: "acme", variables: { balance: "CNY 2.00", threshold: "CNY 100.00", days_left: "3" } }, { key: world.env.PRODUCT_KEY });
    await page.goto("/console/inbox");
    await page.getByRole("link", { name: /CNY 2.00/ }).waitFor();
    const keys = [];
    await page.route("**/messages/delete", async (route) => {
      keys.push(route.request().headers()["idempotency-key"]);
      if (keys.length > 1) return route.continue();
      await route.fetch();
      await route.abort("connectionreset");
    });
    await page.locator(".b-message input[type=checkbox]").first().check();
    await page.getByRole("button", { name: "Delete", exact: true }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Delete" }).click();
    await dialog.getByText("The server does not answer.").waitFor();
    await dialog.getByRole("button", { name: "Delete" }).click();
    await dialog.waitFor({ state: "hidden" });
    assert.equal(keys.length, 2);
    assert.equal(keys[0], keys[1], "the second try is the same intent");
    const log = await world.api("/v1/operations?action=message.delete");
    assert.equal(log.items.length, 1, "it happened once");
  });
  await context.close();
});

test("while the server is away the page says so, and goes on when it is back", async () => {
  const { context, page } = await open(world, "root");
  await shown(page, "away", async () => {
    await page.goto("/console/inbox");
    await page.locator(".b-live:not(.b-lost)").waitFor();
    const { items } = await world.api("/v1/inbox/messages");
    await world.kill();
    await page.locator(".b-live.b-lost").waitFor({ timeout: 20_000 });
    await page.getByRole("searchbox").fill("balance");
    await page.getByText("Not connected; as of").waitFor({ timeout: 20_000 });
    assert.equal(await page.getByRole("searchbox").inputValue(), "balance");
    await world.startAgain();
    await page.locator(".b-live:not(.b-lost)").waitFor({ timeout: 40_000 });
    await page.getByText("Not connected; as of").waitFor({ state: "detached", timeout: 40_000 });
    await until(() => page.locator(".b-message").count(), (n) => n === items.length, "the list is there", 40_000);
  });
  await context.close();
});

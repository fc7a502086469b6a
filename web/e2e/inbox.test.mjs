import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { addUser, open, shown, start, until } from "./harness.mjs";

let world;
before(async () => {
  world = await start();
});
after(() => world?.stop());

const bellNumber = (page) => page.locator("belfry-bell button.bell").getAttribute("aria-label").then((label) => Number(/\d+/.exec(label ?? "")?.[0] ?? -1));

test("a message pops up, raises the number, and opening it lowers the number in another tab", async () => {
  const { context, page } = await open(world, "root");
  await shown(page, "pop-up", async () => {
    await page.goto("/console/inbox");
    await page.getByText("No messages yet").waitFor();
    await world.submit({ variables: { balance: "CNY 1.00", threshold: "CNY 100.00", days_left: "3" } });
    await page.getByRole("list", { name: "Messages" }).getByRole("link", { name: "CNY 1.00" }).waitFor(); // nothing was read yet: it is there at once
    const other = await context.newPage();
    await other.goto("/console/inbox");
    await page.bringToFront();
    await until(() => bellNumber(page), (n) => n === 1, "the bell before");
    const begin = Date.now();
    await world.submit();
    await page.locator(".ant-notification").getByText("Low balance: CNY 86.50").waitFor();
    assert.ok(Date.now() - begin < 5000, `the pop-up took ${Date.now() - begin} ms`);
    await until(() => bellNumber(page), (n) => n === 2, "the bell after a message");
    await page.getByRole("button", { name: "1 new message" }).click();
    await page.getByRole("list", { name: "Messages" }).getByRole("link", { name: "CNY 86.50" }).click();
    await page.locator(".b-message-body").waitFor();
    await until(() => bellNumber(other), (n) => n === 1, "the bell of the other tab");
  });
  await context.close();
});

test("marking all under a filter leaves what came meanwhile; deleting takes exactly what the filter selects", async () => {
  const { context, page } = await open(world, "root");
  await shown(page, "sweep", async () => {
    for (let i = 0; i < 5; i++) await world.submit({ variables: { balance: `CNY ${i}.00`, threshold: "CNY 100.00", days_left: "3" } });
    await until(() => world.api("/v1/inbox/counts"), (counts) => counts.unread === 6, "the messages");
    await page.goto("/console/inbox?type=account.low_balance&state=unread");
    await page.getByRole("button", { name: /Mark the 6 that the filter selects/ }).click();
    await world.submit({ variables: { balance: "CNY 99.00", threshold: "CNY 100.00", days_left: "3" } });
    await until(() => world.api("/v1/inbox/messages?q=99.00"), (list) => list.items.length === 1, "the late message");
    await page.getByRole("dialog").getByRole("button", { name: "Mark as read" }).click();
    await until(() => world.api("/v1/inbox/messages?type=account.low_balance&state=unread"), (list) => list.items.length === 1, "one stays unread");
    const before = await world.api("/v1/inbox/counts");
    const read = await world.api("/v1/inbox/counts?state=read");
    await page.goto("/console/inbox?state=read");
    await page.getByRole("button", { name: /Delete the \d+ that the filter selects/ }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await until(() => world.api("/v1/inbox/counts"), (counts) => counts.total === before.total - read.total && counts.unread === before.unread, "exactly those that were read are gone");
  });
  await context.close();
});

test("at rest the bell, the tabs, the title and the list show one number", async () => {
  const { context, page } = await open(world, "root");
  const tabs = [page, await context.newPage(), await context.newPage()];
  await shown(page, "number", async () => {
    for (const tab of tabs) await tab.goto("/console/inbox");
    const random = generator(7);
    const submits = Array.from({ length: 300 }, (_, i) => i);
    await Promise.all(Array.from({ length: 16 }, async () => {
      for (let i = submits.pop(); i !== undefined; i = submits.pop()) await step(random, i, tabs);
    }));
    const unread = await until(async () => [(await world.api("/v1/inbox/counts")).unread, await bellNumber(page)], ([a, b]) => a === b, "the bell agrees", 30_000).then(([n]) => n);
    for (const tab of tabs) {
      await until(() => bellNumber(tab), (n) => n === unread, `the bell of each tab shows ${unread}`);
      await until(() => tab.locator(".b-count").evaluateAll((all) => all.map((each) => Number(each.dataset.unread))), ([all, ...each]) => all === unread && each.reduce((a, b) => a + b, 0) === all, `the tabs add up to ${unread}`, 30_000);
      await until(() => tab.title(), (title) => title.startsWith(`(${unread}) `), `the title says ${unread}`);
    }
    const { total } = await world.api("/v1/inbox/counts?state=unread");
    assert.equal(total, unread, "the list filtered by unread has as many messages as the bell says");
  });
  await context.close();
});

/** Submits, reads or deletes: over the API, and now and then by the page. */
async function step(random, i, tabs) {
  const what = random();
  if (what < 0.7) return world.submit({ variables: { balance: `CNY ${i}.00`, threshold: "CNY 100.00", days_left: "3" } });
  const { items } = await world.api("/v1/inbox/messages?state=unread&limit=20");
  const message = items[Math.floor(random() * items.length)];
  if (!message) return;
  if (what < 0.85) return world.api("/v1/inbox/messages/read", { ids: [message.id] });
  if (what < 0.97) return world.api("/v1/inbox/messages/delete", { ids: [message.id] });
  const tab = tabs[Math.floor(random() * tabs.length)];
  return tab.evaluate((id) => fetch(`/v1/inbox/messages/${id}`).then(() => undefined), message.id);
}

/** Numbers that are the same in every run. */
function generator(seed) {
  let state = seed;
  return () => (state = (state * 16807) % 2147483647) / 2147483647;
}

test("read-only people see everything, change nothing, and lose it when they are told so", async () => {
  await addUser(world, "reader", "MessageCenterReadOnly");
  await world.submit({ variables: { balance: "CNY 1.00", threshold: "CNY 100.00", days_left: "3" } });
  const { context, page, seen } = await open(world, "reader");
  await shown(page, "read-only", async () => {
    await page.goto("/console/inbox");
    await page.locator(".b-message").first().waitFor();
    const menu = await page.locator(".b-menu a").evaluateAll((all) => all.map((link) => link.getAttribute("href")));
    assert.ok(menu.length >= 2, "the menu has pages");
    for (const href of menu) {
      await page.goto(href);
      await page.locator("h1").waitFor();
      await press(page);
    }
    const { items } = await world.api("/v1/inbox/messages?state=unread&limit=1");
    await page.goto(`/console/inbox/${items[0].id}`);
    await page.locator(".b-message-body").waitFor();
    assert.equal((await world.api(`/v1/inbox/messages?state=unread&limit=1`)).items[0].id, items[0].id, "opening leaves it unread");
    const harmless = seen.writes.filter((write) => !write.endsWith("/v1/me") && !write.includes("/v1/sessions"));
    assert.deepEqual(harmless, [], "nothing was written");
    assert.deepEqual(seen.refused.filter((each) => each.startsWith("403")), [], "nothing was refused");
    await page.goto("/console/inbox");
    await page.locator(".b-message").first().waitFor();
    await world.api(`/v1/grants/${world.people.reader.grant}`, undefined, { method: "DELETE" });
    await page.locator('.b-menu a[href="/console/inbox"]').waitFor({ state: "detached", timeout: 8000 });
  });
  await context.close();
});

/** Presses what is enabled on the page, but for what leaves it. */
async function press(page) {
  const buttons = page.locator("main button:enabled, main [role=switch]:enabled, main [role=tab], main .b-categories button");
  for (let i = 0; i < Math.min(await buttons.count(), 40); i++) {
    const button = buttons.nth(i);
    if (!(await button.isVisible())) continue;
    await button.click({ timeout: 3000 }).catch(() => undefined); // it may have gone with the press before
    await page.keyboard.press("Escape");
  }
}

test("people without a grant have their own pages, and are told which right is missing elsewhere", async () => {
  await addUser(world, "nobody");
  const { context, page, seen } = await open(world, "nobody");
  await shown(page, "no-grant", async () => {
    await page.goto("/console/");
    await page.getByRole("heading", { name: "My messages" }).waitFor();
    assert.equal(await page.locator('.b-menu a[href="/console/inbox"]').count(), 0, "the account's inbox is not in the menu");
    await page.goto("/console/inbox");
    await page.getByText("message.list").waitFor();
    const foreign = `/console/me/inbox/msg_${"0".repeat(32)}`;
    const { items } = await world.api("/v1/inbox/messages?limit=1");
    for (const path of [foreign, `/console/me/inbox/${items[0].id}`]) {
      await page.goto(path);
      await page.getByText("Not here, or not yours.").waitFor();
    }
    assert.deepEqual(seen.refused.filter((each) => each.startsWith("403")), []);
  });
  await context.close();
});

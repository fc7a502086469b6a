// What people do without a mouse.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { open, shown, start, until } from "./harness.mjs";

let world;

before(async () => {
  world = await start();
  for (let i = 0; i < 3; i++) await world.submit({ variables: { balance: `CNY ${i}.00`, threshold: "CNY 100.00", days_left: "3" } });
  await until(() => world.api("/v1/inbox/counts"), (counts) => counts.unread >= 3, "the messages");
});
after(() => world?.stop());

/** What has the focus: its words, whether it can be seen, and whether something lies over it. */
const focused = (page) =>
  page.evaluate(() => {
    let at = document.activeElement;
    while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
    if (!at || at === document.body) return { name: "", hidden: false, covered: false };
    const box = at.getBoundingClientRect();
    const middle = [box.x + box.width / 2, box.y + Math.min(box.height / 2, 12)];
    let top = document.elementFromPoint(...middle);
    while (top?.shadowRoot) {
      const inner = top.shadowRoot.elementFromPoint(...middle);
      if (!inner || inner === top) break;
      top = inner;
    }
    const own = !top || at.contains(top) || top.contains(at) || at.labels?.[0]?.contains(top) === true;
    return { name: `${at.tagName} ${at.getAttribute("aria-label") ?? at.textContent?.trim().slice(0, 40)}`, hidden: box.width === 0 || box.bottom <= 0 || box.top >= innerHeight, covered: !own };
  });

/** Presses Tab until what has the focus fits. */
async function tabTo(page, fits, most = 80) {
  for (let i = 0; i < most; i++) {
    await page.keyboard.press("Tab");
    const at = await focused(page);
    if (fits.test(at.name)) return at;
  }
  throw new Error(`Tab never reaches ${fits}`);
}

test("the inbox without a mouse: rows move, are chosen, read and opened, and Tab is never trapped", async () => {
  const { context, page } = await open(world, "root", { reducedMotion: "reduce" });
  await shown(page, "keyboard-inbox", async () => {
    await page.goto("/console/inbox");
    await page.locator(".b-message").first().waitFor();
    const { unread } = await world.api("/v1/inbox/counts");
    const wrong = [];
    const names = new Set();
    for (let i = 0; i < 60; i++) {
      await page.keyboard.press("Tab");
      const at = await focused(page);
      if (at.hidden) wrong.push(`out of sight: ${at.name}`);
      if (at.covered) wrong.push(`covered: ${at.name}`);
      names.add(at.name);
    }
    assert.deepEqual([...new Set(wrong)], []);
    assert.ok(names.size > 15, `Tab reaches ${names.size} things`);
    await page.locator("h1").focus();
    await page.keyboard.press("j");
    await page.keyboard.press("x");
    await page.keyboard.press("e");
    await until(() => world.api("/v1/inbox/counts"), (counts) => counts.unread === unread - 1, "the row is read");
    await page.keyboard.press("j");
    await page.keyboard.press("o");
    await page.locator(".b-message-body").waitFor();
  });
  await context.close();
});

test("a bot without a mouse", async () => {
  const { context, page } = await open(world, "root", { reducedMotion: "reduce" });
  await shown(page, "keyboard-bot", async () => {
    await page.goto("/console/bots/new");
    await page.locator(".b-platforms button").first().waitFor();
    await tabTo(page, /^BUTTON.*Webhook/i);
    await page.keyboard.press("Enter");
    await page.getByLabel("Name").waitFor();
    await page.locator("h1").focus();
    await tabTo(page, /^INPUT/);
    while (!(await page.getByLabel("Name").evaluate((input) => input === document.activeElement))) await page.keyboard.press("Tab");
    await page.keyboard.type("keys only");
    while (!(await page.locator('input[id*="secrets-url"]').evaluate((input) => input === document.activeElement))) await page.keyboard.press("Tab");
    await page.keyboard.type(`${world.sinks}/webhooks/keys`);
    await page.keyboard.press("Enter");
    await page.getByLabel("I have stored it").waitFor();
    while (!(await page.getByLabel("I have stored it").evaluate((input) => input === document.activeElement))) await page.keyboard.press("Tab");
    await page.keyboard.press("Space");
    await tabTo(page, /^BUTTON Close/);
    await page.keyboard.press("Enter");
    await until(() => world.api("/v1/bots"), (list) => list.items.some((each) => each.name === "keys only"), "the bot");
  });
  await context.close();
});

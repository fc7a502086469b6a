// Every page in every look: two languages, light and dark, wide and narrow. No violation of
// WCAG 2.2 AA that axe finds, none of the page's policy, nothing that scrolls sideways, no text
// that is a key.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { addUser, open, shown, start, until } from "./harness.mjs";

const axe = readFileSync(new URL("../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const every = ["zh-CN", "en-US"].flatMap((language) => ["light", "dark"].flatMap((theme) => [1280, 390].map((width) => ({ language, theme, width }))));

/** Four looks in which any two of language, theme and width meet; all eight with LOOKS=all. */
const looks = process.env.LOOKS === "all" ? every : every.filter((_, i) => [0, 3, 5, 6].includes(i));

/** The paths of all pages that need no id, as the tables of routes have them. */
const routes = readdirSync(new URL("../src/app/", import.meta.url))
  .filter((name) => /^routes.*\.ts$/.test(name))
  .flatMap((name) => [...readFileSync(new URL(`../src/app/${name}`, import.meta.url), "utf8").matchAll(/path: "([^"$]+)"/g)].map((match) => match[1]))
  .filter((path) => path !== "/sign-in" && path !== "/");

let world;
before(async () => {
  world = await start({ people: true });
  await addUser(world, "nobody");
  for (let i = 0; i < 12; i++) await world.submit({ variables: { balance: `CNY ${i}.00 <img src=x onerror=alert(1)>`, threshold: "CNY 100.00", days_left: "3" } });
  await until(() => world.api("/v1/inbox/counts"), (counts) => counts.unread >= 12, "the messages");
});
after(() => world?.stop());

async function settle(page) {
  await page.locator("h1").first().waitFor();
  await until(() => page.locator("[aria-busy=true]").count(), (n) => n === 0, `${page.url()} is still loading`);
  await page.evaluate(() => Promise.all(document.getAnimations().map((each) => each.finished.catch(() => undefined))));
}

/** What is wrong with the page as it shows now. */
async function faults(page) {
  await page.evaluate(axe);
  const violations = await page.evaluate(async (tags) => (await window.axe.run(document, { runOnly: tags })).violations.map((each) => `${each.id}: ${each.nodes.map((node) => node.target.join(" ")).slice(0, 3).join(" | ")}`), rules);
  const sideways = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  const raw = (await page.locator("body").innerText()).match(/\b(app|ui|inbox|session)\.[a-z]+[A-Za-z.]*/g);
  return [...violations, ...(sideways > 0 ? [`scrolls sideways by ${sideways} px`] : []), ...(raw ?? []).map((key) => `a key as text: ${key}`)];
}

for (const look of looks) {
  const name = `${look.language} ${look.theme} ${look.width}`;
  test(`pages in ${name}`, async () => {
    const found = [];
    for (const person of ["root", "admin"]) {
      const { context, page, seen } = await open(world, person, { reducedMotion: "reduce", viewport: { width: look.width, height: 800 } });
      await context.addInitScript((theme) => localStorage.setItem("belfry-console", JSON.stringify({ theme })), look.theme);
      await page.goto("/console/sign-in");
      const told = await page.evaluate((language) => fetch("/v1/me", { method: "PATCH", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ language }) }).then((response) => response.status), look.language);
      assert.equal(told, 200);
      const mine = routes.filter((path) => path.startsWith("/platform") === (person === "admin"));
      for (const path of [...mine, ...(person === "root" ? ["/inbox?q=nothing+like+this", "/nowhere"] : ["/inbox"])]) {
        await page.goto(`/console${path}`);
        await shown(page, `look ${name} ${path.replace(/\W+/g, "-")}`, () => settle(page));
        assert.equal(await page.evaluate(() => document.documentElement.lang), look.language);
        for (const fault of await faults(page)) found.push(`${path}: ${fault}`);
      }
      if (person === "root") found.push(...(await dialogs(page)));
      found.push(...seen.violations, ...seen.broken);
      await context.close();
    }
    assert.deepEqual(found, []);
  });
}

/** What opens over pages: a message, the bell's panel, a question, the keys. */
async function dialogs(page) {
  const found = [];
  const look = async (what) => {
    await settle(page);
    for (const fault of await faults(page)) found.push(`${what}: ${fault}`);
  };
  await page.goto("/console/inbox");
  await page.locator(".b-message a").first().click();
  await page.locator(".b-message-body").waitFor();
  assert.match(await page.locator("body").innerText(), /<img src=x onerror=alert\(1\)>/, "markup in a text is text");
  await look("a message");
  await page.locator("belfry-bell button.bell").click();
  await page.locator("belfry-bell li").first().waitFor();
  await look("the bell");
  await page.keyboard.press("Escape");
  await page.keyboard.press("?");
  await page.getByRole("dialog").waitFor();
  await look("the keys");
  await page.keyboard.press("Escape");
  await page.goto("/console/inbox");
  await page.locator(".b-batch .ant-btn-dangerous").click();
  await page.getByRole("dialog").waitFor();
  await look("a question");
  return found;
}

/** Widths from the smallest phone to a wide screen; 640 is 1280 at 200 %. */
const widths = [320, 390, 640, 768, 1024, 1920];

/** What stands outside of the window and is not in a part that scrolls by itself. */
const cut = (page) =>
  page.evaluate(() => {
    const scrolls = (element) => element && element !== document.body && (["auto", "scroll", "hidden", "clip"].includes(getComputedStyle(element).overflowX) || scrolls(element.parentElement));
    const out = [...document.querySelectorAll("main *")].filter((each) => {
      const box = each.getBoundingClientRect();
      return box.width > 0 && box.height > 0 && (box.right > innerWidth + 1 || box.left < -1) && !scrolls(each.parentElement);
    });
    return [...(document.documentElement.scrollWidth > innerWidth ? [`scrolls sideways by ${document.documentElement.scrollWidth - innerWidth} px`] : []), ...out.slice(0, 2).map((each) => `cut: ${each.tagName} ${each.className} ${each.textContent?.slice(0, 30)}`)];
  });

test("with the longest names nothing scrolls sideways and nothing is cut, from 320 to 1920 px", async () => {
  const long = (n) => "W".repeat(n);
  const contact = await world.api("/v1/contacts", { name: long(20), addresses: [{ channel: "email", value: `${"w".repeat(60)}@${"w".repeat(60)}.example` }] });
  const bot = await world.api("/v1/bots", { channel: "webhook", name: long(64), secrets: { url: `${world.sinks}/${"w".repeat(200)}` } });
  await world.as("admin", "/v1/products", { name: "w".repeat(32), display_name: long(64), types: ["*"], accounts: ["*"] });
  await world.submit({ variables: { balance: long(200), threshold: long(200), days_left: "3" }, external_id: "w".repeat(128) });
  const { items } = await until(() => world.api("/v1/notifications?limit=1"), (list) => list.items[0]?.external_id.startsWith("www"), "the notification");
  const found = [];
  for (const person of ["root", "admin"]) {
    const { context, page } = await open(world, person, { reducedMotion: "reduce" });
    const mine = routes.filter((path) => path.startsWith("/platform") === (person === "admin"));
    for (const path of [...mine, ...(person === "root" ? [`/contacts/${contact.id}`, `/bots/${bot.id}`, `/notifications/${items[0].id}`] : ["/contacts", "/subscriptions"])]) {
      await page.goto(`/console${path}`);
      await shown(page, `layout ${path.replace(/\W+/g, "-")}`, () => settle(page));
      for (const width of widths) {
        await page.setViewportSize({ width, height: 800 });
        await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
        for (const fault of await cut(page)) found.push(`${path} at ${width} px: ${fault}`);
      }
    }
    await context.close();
  }
  assert.deepEqual(found, []);
});

test("the sign-in page in every look", async () => {
  const found = [];
  for (const look of looks) {
    const { context, page, seen } = await open(world, undefined, { reducedMotion: "reduce", viewport: { width: look.width, height: 800 }, locale: look.language, colorScheme: look.theme });
    await page.goto("/console/sign-in");
    await settle(page);
    for (const fault of await faults(page)) found.push(`${JSON.stringify(look)}: ${fault}`);
    await page.getByRole("textbox").first().fill("acme");
    await page.locator("button[type=submit]").click();
    await page.locator("[aria-invalid=true], .ant-alert").first().waitFor();
    for (const fault of await faults(page)) found.push(`${JSON.stringify(look)}, refused: ${fault}`);
    found.push(...seen.violations, ...seen.broken);
    await context.close();
  }
  assert.deepEqual(found, []);
});

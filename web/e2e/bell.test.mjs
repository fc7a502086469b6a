// The bell in a page of another origin, with a strict policy of its own.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { addUser, call, shown, start, until } from "./harness.mjs";

/** The site of a product: its page, and who gives tokens to it. Another one is a stranger's. */
function site() {
  const served = { tokens: 0, script: true, page: "", token: () => Promise.reject(new Error("no token yet")) };
  const server = createServer((request, response) => {
    if (request.url !== "/token") {
      const policy = `default-src 'none'; script-src 'self' 'nonce-page' ${served.belfry}; connect-src 'self' ${served.belfry}; style-src 'self'`;
      response.writeHead(200, { "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": policy }).end(served.page);
      return;
    }
    served.tokens += 1;
    served.token().then((token) => response.end(token), (error) => response.writeHead(500).end(error.message));
  });
  return new Promise((ready) => server.listen(0, "127.0.0.1", () => ready({ served, server, origin: `http://localhost:${server.address().port}` })));
}

const pageOf = (belfry, when) => `<!doctype html><html lang="en"><title>Shop</title><h1>Shop</h1>
<belfry-bell src="${belfry}" inbox="account" lang="en-US" popups></belfry-bell>
<script nonce="page">
  const give = () => document.querySelector("belfry-bell").token = async () => { const answer = await fetch("/token", { method: "POST" }); if (!answer.ok) throw new Error("refused"); return answer.text(); };
  ${when === "before" ? "give();" : `customElements.whenDefined("belfry-bell").then(give);`}
</script>
<script nonce="page" src="${belfry}/console/bell.js" type="module"></script>`;

let world;
let shop;
let stranger;
before(async () => {
  shop = await site();
  stranger = await site();
  world = await start({ variables: { BELFRY_BELL_ORIGINS: shop.origin } });
  await addUser(world, "mia", "MessageCenterFullAccess");
  for (const { served } of [shop, stranger]) {
    served.belfry = world.base;
    served.page = pageOf(world.base, "before");
  }
  shop.served.token = async () => (await call(world.base, "/v1/bell-tokens", { origin: shop.origin, account: "acme", name: "mia", inbox: "account" }, { key: world.env.PRODUCT_KEY })).token;
  stranger.served.token = shop.served.token;
});
after(async () => {
  await world?.stop();
  shop?.server.close();
  stranger?.server.close();
});

const unread = async () => (await world.api("/v1/inbox/counts")).unread;

/** A page of the site; what its policy refused and what broke in it is noted. */
async function visit({ origin }) {
  const context = await world.browser.newContext({ locale: "en-US" });
  context.setDefaultTimeout(15_000);
  const seen = { wrong: [], refused: [] };
  await context.addInitScript(() => document.addEventListener("securitypolicyviolation", (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`)));
  const page = await context.newPage();
  page.on("console", (message) => message.text().startsWith("policy:") && seen.wrong.push(message.text()));
  page.on("pageerror", (error) => seen.wrong.push(error.message));
  page.on("response", (response) => response.status() === 401 && seen.refused.push(new URL(response.url()).pathname));
  await page.goto(origin);
  return { context, page, seen };
}

const bellOf = (page) => page.locator("belfry-bell").getByRole("button").first();
const says = (page, text) => until(() => bellOf(page).getAttribute("aria-label"), (label) => label === text, "the bell");

test("the bell of another site shows the number, the list, marks and pops up", async () => {
  for (let i = 0; i < 3; i++) await world.submit();
  await until(unread, (n) => n === 3, "the messages");
  const { context, page, seen } = await visit(shop);
  await shown(page, "bell-elsewhere", async () => {
    await says(page, "3 unread messages");
    await bellOf(page).click();
    const panel = page.locator("belfry-bell").getByRole("dialog");
    await until(() => panel.locator("li").count(), (n) => n === 3, "the list is as long as the number");
    await panel.getByRole("button", { name: /^Mark as read/ }).first().click();
    await says(page, "2 unread messages");
    await until(() => panel.locator("li").count(), (n) => n === 2, "the list follows");
    assert.equal(await unread(), 2);
    await panel.getByRole("button", { name: "Mark all 2 as read" }).click();
    await says(page, "0 unread messages");
    await panel.getByText("Everything is read.").waitFor();
    await page.keyboard.press("Escape");
    await world.submit({ variables: { balance: "CNY 7.00", threshold: "CNY 100.00", days_left: "3" } });
    await page.locator("belfry-bell").locator(".toast").waitFor();
    await says(page, "1 unread message");
    assert.deepEqual(seen.wrong, []);
  });
  await context.close();
});

test("a token that has ended is asked for again", async () => {
  shop.served.page = pageOf(world.base, "after");
  const { context, page, seen } = await visit(shop);
  await shown(page, "bell-renewed", async () => {
    const before = await unread();
    await says(page, before === 1 ? "1 unread message" : `${before} unread messages`);
    const asked = shop.served.tokens;
    const ended = (route) => route.continue({ headers: { ...route.request().headers(), authorization: "Bearer bt_ended" } });
    await page.route("**/v1/inbox/messages/read-all", ended, { times: 1 });
    await bellOf(page).click();
    await page.locator("belfry-bell").getByRole("button", { name: /^Mark all/ }).click();
    await says(page, "0 unread messages");
    assert.deepEqual(seen.refused, ["/v1/inbox/messages/read-all"]);
    assert.ok(shop.served.tokens > asked, "another token was asked for");
    assert.deepEqual(seen.wrong, []);
  });
  await context.close();
});

test("a user who is disabled hears no more, and the page does not break", async () => {
  const { context, page, seen } = await visit(shop);
  await shown(page, "bell-revoked", async () => {
    await says(page, "0 unread messages");
    await world.api(`/v1/users/${world.people.mia.id}?confirm=true`, { enabled: false }, { method: "PATCH" });
    await page.locator("belfry-bell .bell.lost").waitFor({ timeout: 20_000 });
    await world.submit();
    await until(unread, (n) => n === 1, "the message");
    assert.equal(await bellOf(page).getAttribute("aria-label"), "0 unread messages");
    assert.deepEqual(seen.wrong, []);
    await world.api(`/v1/users/${world.people.mia.id}`, { enabled: true }, { method: "PATCH" });
  });
  await context.close();
});

test("a site that nobody listed gets nothing, not even with a token", async () => {
  const { context, page, seen } = await visit(stranger);
  await shown(page, "bell-stranger", async () => {
    await page.locator("belfry-bell .bell.lost").waitFor();
    await until(() => stranger.served.tokens, (n) => n > 0, "a token was there");
    const read = await page.evaluate(async (belfry) => {
      const token = await (await fetch("/token", { method: "POST" })).text();
      return fetch(`${belfry}/v1/inbox/messages`, { headers: { Authorization: `Bearer ${token}` } }).then((answer) => answer.status, () => "unreadable");
    }, world.base);
    assert.equal(read, "unreadable");
    assert.equal(await bellOf(page).getAttribute("aria-label"), "Messages: not connected");
    assert.deepEqual(seen.wrong, []);
  });
  await context.close();
});

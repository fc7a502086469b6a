// What people find out afterwards: why nothing arrived, who did what, and what is known of them.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { addUser, call, mailTo, open, shown, start, until } from "./harness.mjs";

let world;
before(async () => {
  world = await start();
});
after(() => world?.stop());

test("a failed SMS says why and what to do, and a resend makes exactly one attempt", async () => {
  const { context, page } = await open(world, "root");
  await shown(page, "trace", async () => {
    await world.misbehave("sms", { status: 400 });
    const { id } = await world.submit();
    const sms = async () => (await world.api(`/v1/notifications/${id}`)).deliveries.filter((each) => each.channel === "sms");
    const [failed] = await until(sms, ([only]) => only?.state === "failed", "the SMS fails");
    await page.goto(`/console/notifications/${id}`);
    const item = page.locator(`[data-delivery="${failed.id}"]`);
    await item.getByText("as ordered").first().waitFor();
    await item.getByText(failed.reason, { exact: true }).first().waitFor();
    await item.getByText("Next step:").waitFor();
    await world.misbehave("sms", {});
    await page.getByRole("button", { name: "Resend what failed (1)" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Resend what failed (1)" }).click();
    await page.getByText("1 delivery is tried again").waitFor();
    const after = await until(sms, (all) => all.some((each) => each.state === "delivered"), "the SMS arrives");
    const attempts = after.flatMap((each) => each.attempts).length - failed.attempts.length;
    assert.equal(attempts, 1, "one attempt more");
    await page.locator('[data-state="delivered"]').filter({ hasText: "SMS" }).waitFor();
    assert.equal((await call(world.sinks, "/api/sms")).items.length, 1, "the sink has it once");
  });
  await context.close();
});

/** The rows of a CSV; quotes are doubled inside of quotes. */
function parsed(csv) {
  const rows = [[]];
  for (const [, quoted, plain, end] of csv.replace(/^\uFEFF/, "").matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    rows.at(-1).push(quoted?.replaceAll('""', '"') ?? plain);
    if (end !== ",") rows.push([]);
  }
  return rows.filter((row) => row.length > 1);
}

test("an auditor reads an account's log without gap or repeat, by whole days, and exports what it shows", async () => {
  await world.as("admin", "/v1/operators", { name: "auditor", password: "a long passphrase", roles: ["OperatorAuditor"] });
  world.people.auditor = { account: "platform", name: "auditor", password: "a long passphrase" };
  await world.as("auditor", "/v1/me", { language: "en-US" }, { method: "PATCH" });
  const [bot] = (await world.api("/v1/bots")).items;
  const write = (i) => world.api(`/v1/bots/${bot.id}`, { name: `bot ${i}` }, { method: "PATCH" });
  for (let i = 0; i < 80; i++) await write(i);
  const { context, page } = await open(world, "auditor", { timezoneId: "Pacific/Kiritimati" });
  await shown(page, "log", async () => {
    await page.goto("/console/operations");
    await page.getByLabel(/Whose operation log/).fill("acme");
    await page.getByRole("button", { name: "Show", exact: true }).click();
    const rows = page.getByRole("table", { name: "Operations" }).locator("tbody tr");
    await until(() => rows.count(), (n) => n === 20, "the first page");
    for (let pages = 2; pages <= 4; pages++) {
      await write(`late ${pages}`);
      await page.getByRole("button", { name: "Load more" }).click();
      await until(() => rows.count(), (n) => n === 20 * pages, `page ${pages}`);
    }
    const seqs = (await rows.getByRole("link").evaluateAll((all) => all.map((link) => Number(/\d+$/.exec(link.getAttribute("aria-label"))[0]))));
    assert.deepEqual(seqs, seqs.map((_, i) => seqs[0] - i), "each entry once, none left out");
    await days(page);
    await exported(page);
  });
  await context.close();
});

/** A day is asked for from its first instant to the next day's, in the zone that the page says: the account's, then the browser's. */
async function days(page) {
  for (let i = 0; i < 2; i++) {
    const [, zone] = /Times in (\S+)/.exec(await page.locator(".b-zone").innerText());
    const offset = new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "longOffset" }).format().replace(/.*GMT/, "") || "+00:00";
    const today = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short" }).format();
    await Promise.all([page.waitForRequest(/from=/), page.getByLabel("From day").fill(today)]);
    const [asked] = await Promise.all([page.waitForRequest(/from=.*to=/), page.getByLabel("To day").fill(today)]);
    const query = new URL(asked.url()).searchParams;
    const begin = Date.parse(`${today}T00:00:00${offset}`);
    assert.deepEqual([Date.parse(query.get("from")), Date.parse(query.get("to"))], [begin, begin + 86_400_000], zone);
    await page.getByRole("button", { name: "Clear filter" }).click();
    await page.getByRole("button", { name: /Use my browser's zone|Use the account's zone/ }).click();
  }
}

/** The file has the columns that were chosen, and cell by cell what the API says. */
async function exported(page) {
  await page.getByText("Export", { exact: true }).click();
  for (const box of await page.locator(".b-export input[type=checkbox]").all()) await box.uncheck();
  for (const column of ["Number", "Operation", "Object", "Result"]) await page.locator(".b-export").getByLabel(column, { exact: true }).check();
  const link = await page.getByRole("link", { name: "Export as CSV" }).getAttribute("href");
  const [head, ...body] = parsed(await (await page.request.get(link)).text());
  assert.equal(head.length, 4);
  const all = [];
  for (let cursor = ""; ; ) {
    const list = await world.as("auditor", `/v1/accounts/acme/operations?limit=100&cursor=${cursor}`);
    all.push(...list.items);
    if (!(cursor = list.next_cursor)) break;
  }
  const newest = Number(body[0][0]);
  assert.deepEqual(body.map(([seq, , object]) => [seq, object]), all.filter((each) => each.seq <= newest).map((each) => [String(each.seq), each.object.name]));
  assert.ok(body.length > 60, `${body.length} rows`);
}

test("a user proves an own address, gets messages, and ends some of them by a mail", async () => {
  await addUser(world, "nora");
  const { context, page } = await open(world, "nora");
  await shown(page, "own", async () => {
    await page.goto("/console/settings/contact");
    await page.getByText("You have no contact details yet").waitFor();
    await page.getByLabel("Name", { exact: true }).fill("Nora");
    await page.getByRole("button", { name: /^Add: E-?mail/i }).click();
    await page.locator("input[type=email]").fill("nora@acme.example");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await code(page, "nora@acme.example", (await mailTo(world, "nora@acme.example", (mail) => /\b\d{6}\b/.test(mail))).match(/\b\d{6}\b/)[0]);
    await locked(page);
    await unsubscribed(page);
  });
  await context.close();
});

/** A wrong code is told at its field; the right one proves the address. */
async function code(page, address, right) {
  const input = page.getByLabel(`Code that ${address} got`);
  await input.fill(right === "000000" ? "000001" : "000000");
  await page.getByRole("button", { name: "Confirm" }).click();
  await page.locator("[aria-invalid=true]").waitFor();
  await input.fill(right);
  await page.getByRole("button", { name: "Confirm" }).click();
  await page.getByText("Verified", { exact: true }).waitFor();
}

/** Five wrong codes end a code: the right one is refused then. */
async function locked(page) {
  await page.getByRole("button", { name: /^Add: SMS/ }).click();
  await page.locator("input[type=tel]").last().fill("+8613800138111");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  const texts = await until(() => call(world.sinks, "/api/sms"), (list) => list.items.some(({ item }) => item.to.includes("13800138111")), "the SMS");
  const right = texts.items.find(({ item }) => item.to.includes("13800138111")).item.text.match(/\b\d{6}\b/)[0];
  const input = page.getByLabel(/^Code that \+86/);
  await input.waitFor();
  const { addresses } = await world.as("nora", "/v1/me/contact");
  const { id } = addresses.find((each) => each.channel === "sms");
  for (let i = 0; i < 5; i++) await assert.rejects(world.as("nora", `/v1/me/contact/addresses/${id}/invitation/confirm`, { code: right === "000000" ? "000001" : "000000" }), /422|429/);
  await input.fill(right);
  await page.getByRole("button", { name: "Confirm" }).click();
  await page.getByText("Too many wrong tries").waitFor();
}

/** A message for her arrives in her inbox and by mail; the mail's link ends its kind, and she takes that back. */
async function unsubscribed(page) {
  const contact = await world.as("nora", "/v1/me/contact");
  await world.api("/v1/subscriptions?confirm=true", { changes: [{ type: "activity.launch", tick: ["email"], contacts: [contact.id] }] }, { method: "PATCH" });
  await world.submit({ type: "activity.launch", variables: { product_name: "Cloud Disk", summary: "Twice as fast." } });
  await page.goto("/console/me/inbox");
  await page.getByRole("link", { name: /Cloud Disk/ }).waitFor();
  const mail = await mailTo(world, "nora@acme.example", (text) => text.includes("/u/"));
  await page.goto(new URL(mail.match(/\/u\/[\w.~-]+/)[0], world.base).href);
  await page.locator("form button").first().click();
  await page.goto("/console/settings/contact");
  await page.locator(".b-unsubscribed").getByText("Product launch").waitFor();
  await page.getByRole("button", { name: "Get them again" }).click();
  await page.getByText("You ended no other messages.").waitFor();
}

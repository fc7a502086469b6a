// Those who receive: contacts and their proof, the matrix, bots, and two people at once.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { mailTo, open, shown, start, until } from "./harness.mjs";

let world;
before(async () => {
  world = await start();
});
after(() => world?.stop());

const row = (page, type) => page.locator(`tr[data-type="${type}"]`);
const cell = (page, type, channel) => row(page, type).locator(`[data-channel="${channel}"]`);

test("a contact is added, and its code makes the address proven without a reload", async () => {
  const { context, page } = await open(world, "root");
  await shown(page, "contact", async () => {
    await page.goto("/console/contacts?new=1");
    const side = page.getByRole("dialog");
    await side.getByLabel("Name").fill("Noor");
    await side.getByRole("textbox", { name: "Address 1" }).fill("not an address");
    await side.getByRole("button", { name: "Add and invite" }).click();
    await side.locator("[aria-invalid=true]").waitFor();
    await side.getByRole("textbox", { name: "Address 1" }).fill("noor@acme.example");
    await side.getByRole("button", { name: "Add and invite" }).click();
    await page.getByRole("dialog", { name: "Noor" }).getByText("To be proven").waitFor();
    const code = (await mailTo(world, "noor@acme.example")).match(/\b\d{6}\b/)[0];
    await page.getByLabel("Code from the message").fill(code === "000000" ? "000001" : "000000");
    await page.getByRole("button", { name: "Confirm" }).click();
    await page.locator(".b-code .b-fault").waitFor();
    await page.getByLabel("Code from the message").fill(code);
    await page.getByRole("button", { name: "Confirm" }).click();
    await page.getByRole("dialog").getByText("Proven", { exact: true }).waitFor();
  });
  await context.close();
});

test("ticks gather, are saved together, and locked cells resist mouse, keys and requests", async () => {
  const { context, page, seen } = await open(world, "root");
  await shown(page, "matrix", async () => {
    await page.goto("/console/subscriptions");
    const locked = cell(page, "account.low_balance", "sms");
    await locked.click({ force: true });
    await page.getByRole("tooltip").waitFor();
    await page.keyboard.press("Space");
    await cell(page, "service.bill", "sms").focus();
    await page.keyboard.press("Space");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Home");
    await page.getByText("1 change is not saved").waitFor();
    assert.deepEqual(seen.writes.filter((each) => each.includes("subscriptions")), [], "nothing is sent before it is saved");
    await page.keyboard.press("Control+s");
    const agree = page.getByRole("button", { name: "Do it all the same" });
    await until(async () => ((await agree.isVisible()) && (await agree.click()), page.getByText("is not saved").count()), (n) => n === 0, "the tick is saved");
    const saved = await world.api("/v1/subscriptions/service.bill");
    assert.equal(saved.cells.find((each) => each.channel === "sms").ticked, true);
    await assert.rejects(world.api("/v1/subscriptions", { changes: [{ type: "account.low_balance", untick: ["sms"] }] }, { method: "PATCH" }), /409/);
  });
  await context.close();
});

test("a contact that is added in the drawer can be chosen at once, and the answer changes", async () => {
  const { context, page } = await open(world, "root");
  await shown(page, "drawer", async () => {
    await page.goto("/console/subscriptions/service.invoice");
    const side = page.getByRole("dialog");
    await side.getByRole("button", { name: "Quickly add a contact" }).click();
    await side.locator(".b-quick").getByRole("textbox", { name: "Name" }).fill("Lena");
    await side.locator(".b-quick").getByRole("textbox", { name: "E-mail" }).fill("lena@acme.example");
    await side.getByRole("button", { name: "Add", exact: true }).click();
    await side.getByRole("checkbox", { name: /^Lena/ }).waitFor();
    assert.equal(await side.getByRole("checkbox", { name: /^Lena/ }).isChecked(), true);
    await side.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByRole("button", { name: "Do it all the same" }).click();
    await side.locator(".b-verdicts").getByText(/Lena/).first().waitFor();
    const saved = await world.api("/v1/subscriptions/service.invoice");
    assert.deepEqual(saved.targets.map((each) => each.name), ["Lena"]);
  });
  await context.close();
});

test("two people edit one contact and the matrix: what both changed is kept", async () => {
  const { context, page } = await open(world, "root");
  await shown(page, "conflict", async () => {
    const { items } = await world.api("/v1/contacts?q=Noor");
    const path = `/v1/contacts/${items[0].id}`;
    await page.goto(`/console/contacts/${items[0].id}?tab=edit`);
    const side = page.getByRole("dialog");
    await side.getByLabel("Name").fill("Noora");
    await world.api(path, { time_zone: "Europe/Berlin" }, { method: "PATCH" });
    await side.getByRole("button", { name: "Save" }).click();
    await page.getByRole("button", { name: "Apply mine on top" }).click();
    const merged = await until(() => world.api(path), (contact) => contact.name === "Noora", "the merge");
    assert.equal(merged.time_zone, "Europe/Berlin");
    await page.goto("/console/subscriptions");
    await cell(page, "service.contract", "sms").check();
    await world.api("/v1/subscriptions", { changes: [{ type: "other.survey", tick: ["sms"] }] }, { method: "PATCH" });
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText("Somebody else saved meanwhile").waitFor();
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await until(() => world.api("/v1/subscriptions/service.contract"), (saved) => saved.cells.find((each) => each.channel === "sms").ticked, "my tick");
  });
  await context.close();
});

test("a bot: a bad address is told at its field, the sink's answer is shown, cancelling changes nothing", async () => {
  const { context, page } = await open(world, "root");
  await shown(page, "bot", async () => {
    await page.goto("/console/bots/new");
    await page.locator(".b-platforms button:not([aria-disabled])").filter({ hasText: "Webhook" }).click();
    await page.getByLabel("Name").fill("ops");
    await page.locator('input[id*="secrets-url"]').fill("no address");
    await page.getByRole("button", { name: "Save, then test" }).click();
    await page.locator('input[id*="secrets-url"][aria-invalid=true]').waitFor();
    await page.locator('input[id*="secrets-url"]').fill(`${world.sinks}/webhooks/ops`);
    await page.getByRole("button", { name: "Save, then test" }).click();
    await page.getByLabel("I have stored it").check();
    await page.getByRole("button", { name: "Close" }).click();
    await page.getByRole("button", { name: "Send a test" }).click();
    await page.getByRole("status").getByText(/It arrived|It did not arrive/).waitFor();
    await page.getByRole("link", { name: "To the bot" }).click();
    await page.getByRole("button", { name: "Delete" }).click();
    await page.getByRole("button", { name: "Cancel" }).click();
    const { items } = await world.api("/v1/bots");
    assert.ok(items.some((each) => each.name === "ops"), "cancelling keeps it");
  });
  await context.close();
});

test("the matrix has few nodes for each type, and a tick renders one row", async () => {
  const { context, page } = await open(world, "root");
  await shown(page, "budget", async () => {
    await page.goto("/console/subscriptions");
    await row(page, "service.bill").waitFor();
    const { nodes, rows } = await page.evaluate(() => ({ nodes: document.querySelectorAll(".b-matrix *").length, rows: document.querySelectorAll(".b-matrix tbody tr[data-type]").length }));
    assert.ok(rows > 30, `${rows} rows`);
    assert.ok(nodes / rows < 60, `${(nodes / rows).toFixed(1)} nodes for each type`);
    await page.evaluate(() => {
      window.touched = new Set();
      new MutationObserver((all) => all.forEach((each) => window.touched.add(each.target.closest?.("tr")?.dataset.type))).observe(document.querySelector(".b-matrix tbody"), { subtree: true, childList: true, attributes: true, characterData: true });
    });
    await cell(page, "product.online", "sms").or(cell(page, "service.bill", "email")).first().click();
    await page.getByText("1 change is not saved").waitFor();
    const touched = await page.evaluate(() => [...window.touched].filter(Boolean));
    assert.ok(touched.length <= 1, `rows that changed: ${touched}`);
    await page.getByRole("button", { name: "Discard" }).click();
  });
  await context.close();
});

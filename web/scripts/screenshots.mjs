// Makes the pictures of the README: a Belfry of its own with the demo's people, some more
// data, and one picture for each page. node web/scripts/screenshots.mjs docs/images
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { call, open, start, until } from "../e2e/harness.mjs";

const folder = process.argv[2];
if (!folder) throw new Error("say into which folder");
const most = 120_000; // bytes of a picture
const day = 86_400_000;

/** What the account of the pictures has beside the demo's data. */
async function furnish(world) {
  const product = (path, body) => call(world.base, path, body, { key: world.env.PRODUCT_KEY });
  const at = (days) => new Date(Date.now() + days * day).toISOString();
  const resources = [["rds-11c2", "database", "orders-db", 16], ["rds-11c3", "database", "orders-db-replica", 16], ["ecs-7f3a", "instance", "orders-api", 9], ["eip-5512", "address", "gateway-ip", 3.4], ["crt-aa01", "certificate", "*.acme.example", 31]];
  for (const [external_id, kind, name, days] of resources) await product("/v1/resources", { account: "acme", external_id, kind, name, expires_at: at(days), release_at: at(days + 7), version: 1 });
  for (const balance of ["CNY 412.00", "CNY 230.10", "CNY 86.50"]) await world.submit({ variables: { balance, threshold: "CNY 500.00", days_left: "3" } });
  await world.submit({ type: "exception.instance_failure", variables: { impact: "Host failure; the instance was restarted", instance_name: "orders-api", occurred_at: at(0), status: "Recovered" } });
  const { items } = await until(() => world.api("/v1/notifications"), (list) => list.items.length >= 3 && list.items.every((each) => !["pending", "scheduled"].includes(each.status)), "the deliveries", 60_000);
  return items.find((each) => each.type === "account.low_balance").id;
}

async function picture(page, name) {
  await page.evaluate(() => Promise.all(document.getAnimations().map((each) => each.finished.catch(() => undefined))));
  const session = await page.context().newCDPSession(page);
  const { data } = await session.send("Page.captureScreenshot", { format: "webp", quality: 82 });
  const bytes = Buffer.from(data, "base64");
  if (bytes.length > most) throw new Error(`${name} has ${bytes.length} bytes, ${most} are allowed`);
  writeFileSync(join(folder, `${name}.webp`), bytes);
  console.log(`${name}.webp: ${Math.ceil(bytes.length / 1000)} kB`);
}

const world = await start({ people: true });
try {
  mkdirSync(folder, { recursive: true });
  const notification = await furnish(world);
  const { context, page } = await open(world, "root", { reducedMotion: "reduce", viewport: { width: 1280, height: 720 } });
  await page.evaluate(() => fetch("/v1/me", { method: "PATCH", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ language: "en-US" }) }));
  await page.goto("/console/inbox");
  await page.locator(".b-message a").first().click();
  await page.locator(".b-message-body").waitFor();
  await picture(page, "inbox");
  await page.goto("/console/subscriptions");
  await page.locator(".b-matrix tbody tr[data-type]").first().waitFor();
  await picture(page, "subscriptions");
  await page.goto(`/console/notifications/${notification}`);
  await page.locator(".b-delivery").first().waitFor();
  await picture(page, "notification");
  await page.goto("/console/reminders");
  await page.locator(".b-day-chip").first().waitFor();
  await picture(page, "reminders");
  await context.close();
} finally {
  await world.stop();
}

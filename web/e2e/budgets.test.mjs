// What a first visit costs, in packed bytes, and what a long list keeps.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { open, start } from "./harness.mjs";

let world;
before(async () => {
  world = await start();
});
after(() => world?.stop());

/** The bytes of all files of the console that the page asked for, as they came over the wire. */
async function bytes(page, path) {
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  const wanted = new Map();
  let total = 0;
  session.on("Network.responseReceived", ({ requestId, response }) => response.url.includes("/console/") && wanted.set(requestId, response.url));
  session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => wanted.has(requestId) && (total += encodedDataLength));
  await page.goto(path);
  await page.locator("h1").waitFor();
  await page.waitForLoadState("load");
  return () => total;
}

test("the first visit of the sign-in page takes at most 300 kB", async () => {
  const { context, page } = await open(world);
  const total = await bytes(page, "/console/sign-in");
  await page.getByRole("button", { name: "Sign in" }).waitFor();
  assert.ok(total() > 50_000 && total() <= 300_000, `${total()} bytes`);
  console.log(`sign-in page: ${Math.round(total() / 1000)} kB`);
  await context.close();
});

test("the first visit of the inbox takes at most 380 kB", async () => {
  const { context } = await open(world, "root");
  await context.close();
  const fresh = await open(world, "root");
  const total = await bytes(fresh.page, "/console/inbox");
  await fresh.page.locator("belfry-bell").waitFor();
  await fresh.page.getByText("No messages yet").waitFor();
  assert.ok(total() > 50_000 && total() <= 380_000, `${total()} bytes`);
  console.log(`inbox: ${Math.round(total() / 1000)} kB`);
  await fresh.context.close();
});

test("the bell takes at most 8 kB", async () => {
  const response = await fetch(`${world.base}/console/bell.js`, { headers: { "Accept-Encoding": "gzip" } });
  const size = Number(response.headers.get("Content-Length"));
  assert.equal(response.status, 200);
  assert.ok(size > 1000 && size <= 8192, `${size} bytes`);
  console.log(`bell: ${size} bytes`);
});

test("ten tabs listen over one connection", async () => {
  const { context, page } = await open(world, "root");
  const streams = [];
  context.on("request", (request) => request.url().endsWith("/events") && streams.push(request.url()));
  await page.goto("/console/inbox");
  for (let i = 0; i < 9; i++) {
    const tab = await context.newPage();
    await tab.goto("/console/inbox");
    await tab.locator(".b-live:not(.b-lost)").waitFor();
  }
  assert.equal(streams.length, 1);
  await context.close();
});

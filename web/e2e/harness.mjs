// What the tests in a browser share: the real binary with its sinks on free ports, people made
// over the API, and Chromium. One sign-in per person: their number is limited per source.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const binary = process.env.BELFRY_BINARY ?? here("../../bin/belfry");
const shots = here("results");

async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

/** Starts belfry dev with what is in the folder, and waits until it has printed its summary. */
async function run(data, flags, variables) {
  const child = spawn(binary, ["dev", "--data", data, ...flags], { stdio: ["ignore", "pipe", "pipe"], env: { PATH: process.env.PATH, HOME: process.env.HOME, ...variables } });
  let text = "";
  child.stderr.on("data", (chunk) => (text = (text + chunk).slice(-4000)));
  await new Promise((ready, failed) => {
    let out = "";
    child.stdout.on("data", (chunk) => (out += chunk).includes("--fresh") && ready());
    child.once("error", failed);
    child.once("exit", (code) => failed(new Error(`belfry dev ended with ${code}: ${text}`)));
  });
  child.removeAllListeners("exit");
  return child;
}

const end = (child, signal) => new Promise((done) => (child.once("exit", done), child.kill(signal)));

/** Starts a Belfry of its own and a browser. People of the demo are left out unless asked for; variables are those of the environment. */
export async function start({ people = false, variables = {} } = {}) {
  const data = mkdtempSync(join(tmpdir(), "belfry-console-"));
  const flags = [];
  for (const flag of ["--listen", "--sink-listen", "--mail-listen"]) flags.push(flag, `127.0.0.1:${await freePort()}`);
  if (!people) flags.push("--no-people");
  let child = await run(data, flags, variables);
  const env = Object.fromEntries([...readFileSync(join(data, "demo.env"), "utf8").matchAll(/^(\w+)='(.*)'$/gm)].map(([, name, value]) => [name, value]));
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] });
  const world = {
    base: env.BELFRY,
    sinks: env.SINKS,
    env,
    browser,
    data,
    people: { root: { account: "acme", name: "root", password: env.ROOT_PASSWORD }, admin: { account: "platform", name: "admin", password: env.OPERATOR_PASSWORD } },
    states: {},
    tokens: {},
    api: (path, body, options = {}) => call(env.BELFRY, path, body, { key: env.ROOT_KEY, ...options }),
    submit: (fields = {}) => call(env.BELFRY, "/v1/notifications", { type: "account.low_balance", account: "acme", variables: { balance: "CNY 86.50", threshold: "CNY 100.00", days_left: "3" }, ...fields }, { key: env.PRODUCT_KEY }),
    /** Calls the API as somebody: one sign-in each. */
    async as(name, path, body, options = {}) {
      const { account, name: user, password } = world.people[name];
      world.tokens[name] ??= (await call(env.BELFRY, "/v1/sessions", { account, name: user, password })).token;
      return call(env.BELFRY, path, body, { key: world.tokens[name], ...options });
    },
    /** How a sink misbehaves from now on; {} for not at all. */
    misbehave: (medium, fault) => call(env.SINKS, `/api/${medium}/faults`, { times: fault.status ? -1 : 0, ...fault }, { method: "PUT" }),
    async kill() {
      await end(child, "SIGKILL");
    },
    async startAgain() {
      child = await run(data, flags, variables);
    },
    async stop() {
      await browser.close();
      await end(child, "SIGKILL");
      rmSync(data, { recursive: true, force: true });
    },
  };
  return world;
}

/** Calls the API; throws what it says when it refuses. */
export async function call(base, path, body, { key, method = body === undefined ? "GET" : "POST" } = {}) {
  const response = await fetch(base + path, { method, headers: { ...(key && { Authorization: `Bearer ${key}` }), ...(body !== undefined && { "Content-Type": "application/json" }) }, ...(body !== undefined && { body: JSON.stringify(body) }) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return text && JSON.parse(text);
}

/** The page of the newest mail to the address that the sink caught and that fits. */
export async function mailTo(world, address, fits = () => true) {
  return until(async () => {
    const list = await (await fetch(`${world.sinks}/mail`)).text();
    for (const row of list.split("<tr>").filter((each) => each.includes(address))) {
      const mail = await (await fetch(world.sinks + row.match(/href="(\/mail\/\d+)"/)[1])).text();
      if (fits(mail)) return mail;
    }
    return undefined;
  }, Boolean, `mail to ${address}`);
}

/** Adds a sub-user to the demo's account, with a role or without. */
export async function addUser(world, name, role) {
  const password = "a long passphrase";
  const user = await world.api("/v1/users", { name, password });
  const grant = role && (await world.api("/v1/grants", { user_id: user.id, role }));
  world.people[name] = { account: "acme", name, password, id: user.id, grant: grant?.id };
  return user;
}

/** Opens a browser for the person, signed in. Writes, failures and violations of the policy are noted. */
export async function open(world, person, options = {}) {
  const state = world.states[person];
  const context = await world.browser.newContext({ baseURL: world.base, locale: options.locale ?? "en-US", timezoneId: "Asia/Shanghai", viewport: { width: 1280, height: 800 }, ...options, ...(state && { storageState: state }) });
  context.setDefaultTimeout(15_000);
  const seen = { writes: [], refused: [], violations: [], broken: [], requests: [] };
  await context.addInitScript(() => document.addEventListener("securitypolicyviolation", (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`)));
  context.on("page", (page) => watch(page, seen));
  const page = await context.newPage();
  if (person && !state) {
    await page.goto("/console/sign-in");
    const status = await page.evaluate(async (who) => (await fetch("/v1/sessions", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ account: who.account, name: who.name, password: who.password, cookie: true }) })).status, world.people[person]);
    if (status !== 201) throw new Error(`${person} cannot sign in: ${status}`);
    world.states[person] = await context.storageState();
  }
  return { context, page, seen };
}

function watch(page, seen) {
  page.on("console", (message) => message.text().startsWith("policy:") && seen.violations.push(message.text()));
  page.on("pageerror", (error) => seen.broken.push(error.message));
  page.on("request", (request) => {
    seen.requests.push(request.url());
    if (request.method() !== "GET" && request.url().includes("/v1/")) seen.writes.push(`${request.method()} ${new URL(request.url()).pathname}`);
  });
  page.on("response", (response) => [401, 403].includes(response.status()) && seen.refused.push(`${response.status()} ${new URL(response.url()).pathname}`));
}

/** Runs a step; when it fails, the page is kept as a picture. */
export async function shown(page, name, step) {
  try {
    return await step();
  } catch (error) {
    mkdirSync(shots, { recursive: true });
    await page.screenshot({ path: join(shots, `${name}.png`) }).catch(() => undefined);
    throw error;
  }
}

/** Waits until the question has the answer; the last other answer stands in the failure. */
export async function until(ask, fits, what, limit = 15_000) {
  let last;
  for (const end = Date.now() + limit; Date.now() < end; await new Promise((done) => setTimeout(done, 100))) {
    last = await ask();
    if (fits(last)) return last;
  }
  throw new Error(`${what}: still ${JSON.stringify(last)}`);
}

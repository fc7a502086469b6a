// Packs what was built: the binary carries the packed files only, and serves them as they are.
// index.html stays plain, since every answer gets a nonce of its own.
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const app = new URL("../dist/app/", import.meta.url).pathname;
let total = 0;
for (const name of readdirSync(app, { recursive: true }).map(String).sort()) {
  const path = join(app, name);
  if (name === "index.html" || name.endsWith(".gz") || statSync(path).isDirectory()) continue;
  const packed = gzipSync(readFileSync(path), { level: 9 });
  writeFileSync(`${path}.gz`, packed);
  rmSync(path);
  total += packed.length;
}
console.log(`the console: ${Math.round(total / 1024)} KiB packed`);

import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import otherEn from "./bundle.en-US.ts";
import otherZh from "./bundle.zh-CN.ts";
import firstEn from "./first.en-US.ts";
import firstZh from "./first.zh-CN.ts";

const en = { ...firstEn, ...otherEn };
const zh = { ...firstZh, ...otherZh };

/** The paths of all texts: "inbox.sweep.title". */
function paths(texts: object, prefix = ""): string[] {
  return Object.entries(texts).flatMap(([key, value]) => (typeof value === "object" ? paths(value as object, `${prefix}${key}.`) : [prefix + key]));
}

test("every text is there in both languages", () => {
  expect(paths(en).length).toBeGreaterThan(100);
  expect(paths(zh).sort()).toEqual(paths(en).sort());
});

test("no text is empty, and both languages fill in the same values", () => {
  const at = (texts: object, path: string) => path.split(".").reduce<unknown>((inner, key) => (inner as Record<string, unknown>)[key], texts) as string;
  const slots = (text: string) => [...text.matchAll(/{{\s*(\w+)/g)].map((match) => match[1]).filter((name) => name !== "count").sort();
  for (const path of paths(en)) {
    expect(at(zh, path), path).not.toBe("");
    expect(slots(at(zh, path)), path).toEqual(slots(at(en, path)));
  }
});

test("every text that a feature asks for exists", () => {
  const bundles = en as Record<string, object>;
  let asked = 0;
  for (const file of readdirSync("src", { recursive: true }).map(String).filter((name) => name.endsWith(".tsx"))) {
    const source = readFileSync(`src/${file}`, "utf8");
    const features = new Map([...source.matchAll(/const (\w+) = useText\("(\w+)"\)/g)].map((match) => [match[1], match[2]]));
    if (features.size !== 1) continue;
    const [[name, feature]] = [...features] as [[string, string]];
    const known = new Set(paths(bundles[feature] ?? {}));
    for (const [, key] of source.matchAll(new RegExp(`\\b${name}\\("([\\w.-]+)"`, "g"))) {
      asked++;
      expect(known.has(key ?? "") || known.has(`${key}_other`), `${file} asks for ${feature}.${key}`).toBe(true);
    }
  }
  expect(asked).toBeGreaterThan(50);
});

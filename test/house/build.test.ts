import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

test("the source maps of what is built lead to the sources", () => {
  const maps = readdirSync("dist", { recursive: true, withFileTypes: true }).filter(({ name }) =>
    name.endsWith(".js.map"),
  );
  expect(maps.length).toBeGreaterThan(100);
  const astray = maps.flatMap(({ parentPath, name }) => {
    const { sources } = JSON.parse(readFileSync(join(parentPath, name), "utf8")) as { sources: string[] };
    return sources.map((source) => join(parentPath, source)).filter((source) => !existsSync(source));
  });
  expect(astray).toEqual([]);
});

import { readFileSync } from "node:fs";
import { afterEach, expect, test, vi } from "vitest";
import { SCI_TYPES } from "#config/xen/sci-type.ts";
import { readGuest, SHUTDOWN_ACTIONS } from "#config/xlcfg/guest.ts";
import { XlConfig } from "#config/xlcfg/xlcfg.ts";

const page = readFileSync("docs/xlcfg.md", "utf8");

afterEach(() => vi.restoreAllMocks());

test("docs/xlcfg.md lists the settings that are read, and no other", () => {
  const asked = [vi.spyOn(XlConfig.prototype, "string"), vi.spyOn(XlConfig.prototype, "list")];
  readGuest('name="x"', "v10");
  const read = new Set(asked.flatMap((method) => method.mock.calls.map(([name]) => name)));
  const table = page.slice(page.indexOf("## Settings"), page.indexOf("## `iomem`"));
  const listed = [...table.matchAll(/^\| `([^`]+)`/gm)].map((match) => match[1] ?? "");
  expect(listed.toSorted()).toEqual([...read].toSorted());
});

test("docs/xlcfg.md names every action and SCI type", () => {
  for (const name of [...SHUTDOWN_ACTIONS, ...SCI_TYPES]) expect(page).toContain(`\`${name}\``);
});

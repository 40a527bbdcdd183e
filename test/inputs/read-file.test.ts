import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { isProblem, type Problem } from "#base/problem.ts";
import { readBytes, readTextFile } from "#inputs/read-file.ts";
import { readXlCfg } from "#inputs/read-xlcfg.ts";

const directory = mkdtempSync(join(tmpdir(), "scmi-read-file-"));
afterAll(() => rmSync(directory, { recursive: true }));

function file(name: string, content: Uint8Array | string): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

function refusal(result: unknown): Problem {
  if (!isProblem(result)) throw new Error("accepted");
  return result;
}

test("a file up to the cap is read whole, one byte more is refused with both sizes", async () => {
  const content = Uint8Array.from({ length: 600_000 }, (_, at) => at % 251);
  const path = file("content", content);
  const read = await readBytes(path, 600_000);
  expect(read instanceof Uint8Array && Buffer.compare(read, content) === 0).toBe(true);
  const problem = refusal(await readBytes(path, 599_999));
  expect(problem.code).toBe("file-too-large");
  expect(problem.detail).toBe(`${path} has 600000 bytes; at most 599999 are read`);
});

test("something without a size is read up to the cap", async () => {
  expect(refusal(await readBytes("/dev/zero", 1_000_000)).code).toBe("file-too-large");
  expect(await readBytes("/dev/null", 10)).toEqual(new Uint8Array());
});

test("what cannot be read is refused in words", async () => {
  symlinkSync("loop", join(directory, "loop"));
  for (const [path, why] of [
    [join(directory, "absent"), "there is no such file"],
    [join(file("plain", ""), "below"), "a part of its path is not a directory"],
    [join(directory, "loop"), "its symbolic links go in circles"],
    [directory, "it is a directory"],
    [join(directory, "n".repeat(300)), "its name is too long"],
  ] as const) {
    const problem = refusal(await readBytes(path, 10));
    expect(problem.code).toBe("file-unreadable");
    expect(problem.detail).toBe(`${path} cannot be read: ${why}`);
  }
  expect(refusal(await readBytes("a\0b", 10)).code).toBe("file-unreadable");
});

test("a text is UTF-8, and keeps its byte order mark", async () => {
  expect(await readTextFile(file("utf8", "\ufeffhéllo\r\n"), 100)).toBe("\ufeffhéllo\r\n");
  const problem = refusal(await readTextFile(file("latin1", Uint8Array.of(0x68, 0xe9)), 100));
  expect(problem.detail).toContain("it is not UTF-8 text");
});

test("an xl.cfg is never refused for its encoding", async () => {
  expect(await readXlCfg(file("utf8.cfg", 'name = "hé"\n'))).toBe('name = "hé"\n');
  expect(await readXlCfg(file("latin1.cfg", Uint8Array.of(0x23, 0xe9, 0x80, 0x0a)))).toBe("#\u00e9\u0080\n");
});

test("an xl.cfg above 1 MiB is refused", async () => {
  expect(await readXlCfg(file("largest.cfg", "\n".repeat(1024 * 1024)))).toHaveLength(1024 * 1024);
  expect(refusal(await readXlCfg(file("large.cfg", "\n".repeat(1024 * 1024 + 1)))).code).toBe(
    "file-too-large",
  );
});

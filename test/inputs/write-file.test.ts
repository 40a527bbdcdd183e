import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { outProblem, writeOut } from "#inputs/write-file.ts";
import { openForWriting } from "#store/database.ts";
import { scratchFolder } from "../support/scmictl.ts";

const scratch = scratchFolder();
afterAll(() => scratch.remove());

function at(name: string): string {
  return join(scratch.path, name);
}

/** Nothing can be written as a file's content: it stands for a disk that fails on the way. */
const UNWRITABLE = { length: 1 } as unknown as string;

describe("a file that a verb writes", () => {
  test("is written over, with its permissions, and nothing stays beside it", async () => {
    const file = at("over.txt");
    writeFileSync(file, "before, and longer");
    chmodSync(file, 0o640);
    expect(await writeOut(file, "after")).toBeNull();
    expect([readFileSync(file, "utf8"), statSync(file).mode & 0o777]).toEqual(["after", 0o640]);
    expect(readdirSync(scratch.path).filter((name) => name.startsWith("over"))).toEqual(["over.txt"]);
  });

  test("stays what it was where writing fails", async () => {
    const file = at("kept.txt");
    writeFileSync(file, "before");
    expect(await writeOut(file, UNWRITABLE)).toMatchObject({ code: "file-unwritable" });
    expect(readFileSync(file, "utf8")).toBe("before");
    expect(existsSync(`${file}.unfinished`)).toBe(false);
  });

  test("is not there where it was to be made and writing fails", async () => {
    for (const options of [{}, { isNew: true }]) {
      expect(await writeOut(at("half.txt"), UNWRITABLE, options)).toMatchObject({ code: "file-unwritable" });
      expect(existsSync(at("half.txt"))).toBe(false);
    }
  });

  test("is never a log", async () => {
    const file = at("board.db");
    const db = openForWriting(file);
    if ("code" in db) throw new Error(db.detail);
    db.close();
    const bytes = readFileSync(file);
    expect(await writeOut(file, "a script")).toMatchObject({ code: "log-exists" });
    symlinkSync("board.db", at("link"));
    expect(await writeOut(at("link"), "a script")).toMatchObject({ code: "log-exists" });
    expect(readFileSync(file).equals(bytes)).toBe(true);
  });

  test("is what a link points to", async () => {
    writeFileSync(at("there.txt"), "before");
    symlinkSync("there.txt", at("to-there"));
    symlinkSync("new.txt", at("to-new"));
    expect([await writeOut(at("to-there"), "x"), await writeOut(at("to-new"), "y")]).toEqual([null, null]);
    expect([readFileSync(at("there.txt"), "utf8"), readFileSync(at("new.txt"), "utf8")]).toEqual(["x", "y"]);
  });

  test("may be a device", async () => {
    expect(await writeOut("/dev/null", "x")).toBeNull();
  });

  test("is refused before there is anything to write", async () => {
    mkdirSync(at("folder"));
    writeFileSync(at("file"), "");
    const said = [at("folder"), at("gone/file"), at("file/below"), ""].map(async (file) => {
      const refusal = await outProblem(file);
      return refusal?.detail.replaceAll(scratch.path, "");
    });
    expect(await Promise.all(said)).toEqual([
      "/folder cannot be written: it is a directory",
      "/gone/file cannot be written: there is no folder /gone",
      "/file/below cannot be written: a part of its path is not a directory",
      '"" cannot be written: it is no name of a file',
    ]);
    expect(await outProblem(at("file"))).toBeNull();
    expect(await outProblem(at("file"), { isNew: true })).toMatchObject({ code: "log-exists" });
  });
});

import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
import { isProblem, type Problem } from "#base/problem.ts";
import { DEVICE_TREE_BYTES_MAX } from "#config/device-tree/fdt.ts";
import { loadDeviceTree } from "#inputs/load-device-tree.ts";
import { parsed } from "../support/device-tree.ts";
import { HAS_DTC, NO_DTC } from "../support/dtc.ts";
import { buildDtb } from "../support/fdt-builder.ts";

const directory = mkdtempSync(join(tmpdir(), "scmi-device-tree-"));
afterAll(() => rmSync(directory, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

const DTB = buildDtb({ props: { model: "sample" } });
const SOURCE = '/* a comment */\n/dts-v1/;\n/ { model = "sample"; };\n';

function file(name: string, content: Uint8Array | string): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

async function refused(path: string): Promise<Problem> {
  const result = await loadDeviceTree(path);
  if (!isProblem(result)) throw new Error("accepted");
  return result;
}

async function model(path: string): Promise<string> {
  const bytes = await loadDeviceTree(path);
  if (isProblem(bytes)) throw new Error(bytes.detail);
  return new TextDecoder().decode(parsed(bytes).root.properties.get("model"));
}

describe("a flattened tree", () => {
  test("is read as it is", async () => {
    expect(await loadDeviceTree(file("host.dtb", DTB))).toEqual(DTB);
  });

  test("is known by its content, whatever its name, and needs no dtc", async () => {
    vi.stubEnv("PATH", directory);
    expect(await loadDeviceTree(file("flat.dts", DTB))).toEqual(DTB);
    expect(await loadDeviceTree(file("flat", DTB))).toEqual(DTB);
  });

  test.each([
    ["empty.dtb", new Uint8Array(), "it has 0 bytes"],
    ["cut.dtb", DTB.slice(0, 60), "it is cut off"],
    ["other.dtb", new TextEncoder().encode("ELF, say"), "it starts with 0x454c462c"],
  ])("%s is refused with the reason", async (name, bytes, why) => {
    const problem = await refused(file(name, bytes));
    expect(problem.code).toBe("device-tree-invalid");
    expect(problem.detail).toContain(name);
    expect(problem.detail).toContain(why);
  });

  test("larger than 8 MiB is refused without reading it", async () => {
    const path = file("large.dtb", DTB);
    truncateSync(path, DEVICE_TREE_BYTES_MAX + 1);
    expect((await refused(path)).code).toBe("file-too-large");
    truncateSync(path, DEVICE_TREE_BYTES_MAX);
    expect(await loadDeviceTree(path)).toBeInstanceOf(Uint8Array);
  });

  test("that is not there, or is a directory, is refused with the reason", async () => {
    expect((await refused(join(directory, "absent.dtb"))).detail).toContain("there is no such file");
    mkdirSync(join(directory, "folder"));
    const problem = await refused(join(directory, "folder"));
    expect(problem.code).toBe("file-unreadable");
    expect(problem.detail).toContain("it is a directory");
  });
});

describe("a source", () => {
  test("is compiled, whatever its name", async ({ skip }) => {
    if (!HAS_DTC) skip(NO_DTC);
    expect(await model(file("host.dts", SOURCE))).toBe("sample\0");
    expect(await model(file("source.dtb", SOURCE))).toBe("sample\0");
    expect(await model(file("-o", SOURCE))).toBe("sample\0");
  });

  test("may include files beside it, wherever the program runs", async ({ skip }) => {
    if (!HAS_DTC) skip(NO_DTC);
    file("board.dtsi", '/ { model = "included"; };\n');
    expect(await model(file("including.dts", '/dts-v1/;\n/include/ "board.dtsi"\n'))).toBe("included\0");
  });

  test("that does not compile is refused with what dtc says", async ({ skip }) => {
    if (!HAS_DTC) skip(NO_DTC);
    const problem = await refused(file("broken.dts", "/dts-v1/;\n/ {\n  a { };\n  model = <1>;\n};\n"));
    expect(problem.code).toBe("device-tree-invalid");
    expect(problem.detail).toContain("broken.dts is not a device tree: dtc says: ");
    expect(problem.detail).toContain("Properties must precede subnodes");
    expect(problem.detail).toContain("broken.dts:4");
    expect(problem.detail).not.toContain("\n");
  });

  test("that compiles to more than 8 MiB is refused", async ({ skip }) => {
    if (!HAS_DTC) skip(NO_DTC);
    file("blob", new Uint8Array(DEVICE_TREE_BYTES_MAX));
    const problem = await refused(file("huge.dts", '/dts-v1/;\n/ { blob = /incbin/("blob"); };\n'));
    expect(problem.detail).toContain("dtc makes more than 8388608 bytes of it");
  });

  test.skipIf(process.platform !== "linux")(
    "that includes something endless is refused before memory runs out",
    async ({ skip }) => {
      if (!HAS_DTC) skip(NO_DTC);
      const problem = await refused(file("endless.dts", '/dts-v1/;\n/ { blob = /incbin/("/dev/zero"); };\n'));
      expect(problem.code).toBe("device-tree-invalid");
      expect(problem.detail).toMatch(/dtc says: .*(realloc|memory)/i);
    },
  );

  test("without dtc is refused, and the hint names the package", async () => {
    vi.stubEnv("PATH", directory);
    const problem = await refused(file("host.dts", SOURCE));
    expect(problem.code).toBe("dtc-missing");
    expect(problem.hint).toContain("device-tree-compiler");
  });
});

import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { isProblem, type Problem } from "#base/problem.ts";
import { loadHost } from "#inputs/load-host.ts";
import { buildDtb } from "../support/fdt-builder.ts";

const directory = mkdtempSync(join(tmpdir(), "scmi-load-host-"));
afterAll(() => rmSync(directory, { recursive: true }));

const BOARD = `
name: small
deviceTree: trees/host.dtb
xen: { mediator: multi-agent, version: v10 }
firmware:
  profile: v32
  trustedAgents: [1]
  protocols: [power]
  agents:
    - { id: 1, name: xen, funcId: 0x82000003, shmem: 0x47ff1000 }
    - { id: 2, name: guest, funcId: 0x82000004, shmem: 0x47ff2000 }
autostart: [ domd.cfg, guests/domu.cfg ]
`;
const DTB = buildDtb({ props: { model: "small" } });
const board = join(directory, "board.yaml");

function file(name: string, content: Uint8Array | string): void {
  mkdirSync(dirname(join(directory, name)), { recursive: true });
  writeFileSync(join(directory, name), content);
}

async function refused(path = board): Promise<Problem> {
  const result = await loadHost(path);
  if (!isProblem(result)) throw new Error("accepted");
  return result;
}

beforeEach(() => {
  file("board.yaml", BOARD);
  file("trees/host.dtb", DTB);
  file("domd.cfg", 'name = "domd"\n');
  file("guests/domu.cfg", 'name = "domu"\n');
});

describe("a board file", () => {
  test.each([
    ["an absolute path", board],
    ["a path relative to the working directory", relative(process.cwd(), board)],
  ])("named by %s brings every file that it names, in order", async (_, path) => {
    const host = await loadHost(path);
    if (isProblem(host)) throw new Error(host.detail);
    expect(host.board.name).toBe("small");
    expect(host.deviceTree).toEqual(DTB);
    expect(host.autostart).toEqual([
      { file: "domd.cfg", text: 'name = "domd"\n' },
      { file: "guests/domu.cfg", text: 'name = "domu"\n' },
    ]);
  });

  test("may name files absolutely", async () => {
    const elsewhere = join(directory, "elsewhere.dtb");
    copyFileSync(join(directory, "trees/host.dtb"), elsewhere);
    file("boards/board.yaml", BOARD.replace("trees/host.dtb", elsewhere).replace(/autostart.*/, ""));
    expect(isProblem(await loadHost(join(directory, "boards/board.yaml")))).toBe(false);
  });

  test("that is not there, too large or no board is refused", async () => {
    const absent = await refused(join(directory, "absent.yaml"));
    expect(absent.code).toBe("file-unreadable");
    file("board.yaml", `${BOARD}#${"x".repeat(16 * 1024 * 1024)}\n`);
    expect((await refused()).code).toBe("file-too-large");
    file("board.yaml", "name: 7\n");
    expect((await refused()).code).toBe("board-invalid");
  });

  test("brings the partial trees of its dom0less domains, sources compiled", async () => {
    file("guests/a.dtb", DTB);
    file("board.yaml", BOARD.replace("version: v10", "version: v10, partialTrees: { domU1: guests/a.dtb }"));
    const host = await loadHost(board);
    if (isProblem(host)) throw new Error(host.detail);
    expect(host.partialTrees).toEqual([{ domain: "domU1", tree: DTB }]);
    rmSync(join(directory, "guests/a.dtb"));
    expect((await refused()).detail).toContain(join(directory, "guests/a.dtb"));
    file("guests/a.dtb", "no tree");
    expect((await refused()).code).toBe("device-tree-invalid");
  });

  test("is refused for any file that it names, with the path at which that was looked for", async () => {
    rmSync(join(directory, "guests/domu.cfg"));
    const cfg = await refused();
    expect(cfg.code).toBe("file-unreadable");
    expect(cfg.detail).toContain(join(directory, "guests/domu.cfg"));
    file("trees/host.dtb", DTB.slice(0, 50));
    const tree = await refused();
    expect(tree.code).toBe("device-tree-invalid");
    expect(tree.detail).toContain(join(directory, "trees/host.dtb"));
  });
});

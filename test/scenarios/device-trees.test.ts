import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fromHex } from "#base/hex.ts";
import { isProblem } from "#base/problem.ts";
import { Control } from "#control/control.ts";
import { loadHost } from "#inputs/load-host.ts";
import { parsed } from "../support/device-tree.ts";
import { inProcess } from "../support/in-process.ts";
import { RestHost } from "../support/rest.ts";
import { scratchFolder } from "../support/scmictl.ts";

/** A board with dom0 and two domains that Xen creates, served. */
const BOARD = "examples/dom0less/board.yaml";
const folder = scratchFolder();
let host: RestHost;

async function description() {
  const loaded = await loadHost(BOARD);
  if (isProblem(loaded)) throw new Error(loaded.detail);
  return loaded;
}

beforeAll(async () => {
  host = await RestHost.start({}, await description());
});
afterAll(async () => {
  await host.end();
  folder.remove();
});

async function exported(...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await inProcess(["export", ...args]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return stdout;
}

describe("a board with dom0less domains", () => {
  test("has their devices and permissions from the boot on, and after a restart of the server", async () => {
    for (let times = 0; times < 2; times += 1) {
      const { items } = (await host.get("/v1/domains")).body;
      expect(items).toMatchObject([
        { domid: 0, agentId: 0, devices: [{ path: "/soc/timer@10000000", deviceIds: [2] }] },
        {
          name: "media",
          origin: "dom0less",
          agentId: 2,
          devices: [{ path: "/soc/gpu@20000000", deviceIds: [1] }],
        },
        { name: "sensors", agentId: 3, devices: [{ path: "/soc/i2c@10001000", deviceIds: [0] }] },
      ]);
      const { body } = await host.get("/v1/permissions");
      const allowed = body.items.filter((item: { allowed: boolean }) => item.allowed);
      expect(allowed.map((item: Record<string, number>) => [item["agentId"], item["deviceId"]])).toEqual([
        [0, 2],
        [2, 1],
        [3, 0],
      ]);
      await host.restart();
    }
  });

  test("keeps its partial trees in the log, and shows them there", async () => {
    const { partialTrees } = (await host.get("/v1/events/1")).body.data;
    expect(partialTrees.map(({ domain }: { domain: string }) => domain)).toEqual(["media", "sensors"]);
    const tree = parsed(fromHex(partialTrees[0].tree) as Uint8Array);
    expect(tree.nodeByPath("/passthrough/gpu@20000000")?.properties.has("xen,path")).toBe(true);
    const replay = await host.ask("POST", "/v1/replay", { body: {} });
    expect(replay.body.divergences).toEqual([]);
  });

  test("is another board with another partial tree, and the same with another name of the file", async () => {
    const { board, partialTrees = [], ...rest } = await description();
    const open = (xen: typeof board.xen, trees: typeof partialTrees) =>
      Control.open({
        file: host.file,
        description: { ...rest, board: { ...board, xen }, partialTrees: trees },
        newBoard: false,
        clock: () => 0,
        program: "test",
      });
    await host.close();
    const swapped = partialTrees.map(({ domain }, at) => ({
      domain,
      tree: partialTrees[1 - at]?.tree as Uint8Array,
    }));
    expect(await open(board.xen, swapped)).toMatchObject({ code: "board-changed" });
    const renamed = await open({ ...board.xen, partialTrees: { media: "a", sensors: "b" } }, partialTrees);
    if (isProblem(renamed)) throw new Error(renamed.detail);
    await renamed.close();
    await host.open();
  });
});

describe("dom0's tree", () => {
  test("is the same of the board, of the server and of its log", async () => {
    const ofBoard = await exported("dom0-tree", "--board", BOARD);
    expect(await exported("dom0-tree", "--url", host.url)).toBe(ofBoard);
    expect(await exported("dom0-tree", "--db", host.file)).toBe(ofBoard);
    expect(ofBoard).toContain("timer@10000000 {");
    expect(ofBoard).not.toMatch(/xen,(passthrough|sci|domain)"?[;,\s]/);
  });

  test("is flattened for a file that is called so, and over REST", async () => {
    const file = join(folder.path, "dom0.dtb");
    const { stderr } = await inProcess(["export", "dom0-tree", "--url", host.url, "--out", file]);
    expect(stderr).toContain(file);
    const { body } = await host.get("/v1/host/export/dom0-tree");
    expect(body.name).toBe("dom0less-dom0.dts");

    expect(readFileSync(file).toString("hex")).toBe(body.dtb);
    expect(parsed(fromHex(body.dtb) as Uint8Array).nodeByPath("/firmware/scmi")).toBeDefined();
  });
});

describe("a dom0less domain's tree", () => {
  test("is named by domid, name or uuid", async () => {
    const { uuid } = (await host.get("/v1/domains/1")).body;
    const ofBoard = await exported("guest-tree", "--board", BOARD, "--domid", "media");
    for (const domid of ["1", "media", uuid])
      expect(await exported("guest-tree", "--url", host.url, "--domid", domid)).toBe(ofBoard);
    expect(ofBoard).toContain("gpu@20000000 {");
    expect(ofBoard).not.toContain("xen,");
  });

  test("is refused with the reason for anybody else", async () => {
    for (const [domid, status, code] of [
      ["0", 422, "not-exportable"],
      ["9", 404, "domain-not-found"],
    ] as const) {
      expect(await host.get(`/v1/domains/${domid}/export/guest-tree`)).toMatchObject({
        status,
        body: { code },
      });
      const { status: exit, stderr } = await inProcess([
        "export",
        "guest-tree",
        "--url",
        host.url,
        "--domid",
        domid,
      ]);
      expect(exit).toBe(1);
      expect(stderr).toContain(code);
    }
    expect((await inProcess(["export", "guest-tree", "--board", BOARD])).status).toBe(2);
  });
});

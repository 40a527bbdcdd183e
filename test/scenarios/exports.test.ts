import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { inProcess } from "../support/in-process.ts";
import { RestHost } from "../support/rest.ts";
import { type Run, scratchFolder } from "../support/scmictl.ts";
import { TWO_GUESTS } from "../support/two-guests.ts";

const RED = `${readFileSync("examples/two-guests/red.cfg", "utf8")}uuid = "00000000-0000-0000-0000-00000000000a"\n`;

const folder = scratchFolder();
const redFile = join(folder.path, "red.cfg");
let host: RestHost;

beforeAll(async () => {
  writeFileSync(redFile, RED);
  host = await RestHost.start();
  await host.ask("POST", "/v1/domains", { body: { xlcfg: RED } });
});
afterAll(async () => {
  await host.end();
  folder.remove();
});

/** Runs an export against the server, the log, and the board. */
async function everywhere(args: readonly string[], guest: readonly string[]): Promise<Run[]> {
  return [
    await inProcess(["export", ...args, ...guest, "--url", host.url]),
    await inProcess(["export", ...args, ...guest, "--db", host.file]),
    await inProcess(["export", ...args, "--board", TWO_GUESTS, "--xlcfg", redFile]),
  ];
}

describe("a server, its log and its board export the same", () => {
  test.each([
    ["xlcfg", ["xlcfg", "--device-tree", "/boot/red.dtb"], ["--domid", "red"]],
    ["partial-tree", ["partial-tree"], ["--domid", "1"]],
    ["partial-tree for Xen", ["partial-tree", "--for", "dom0less"], ["--domid", "1"]],
    ["host-overlay", ["host-overlay"], []],
    ["host-overlay of all", ["host-overlay", "--all"], []],
    ["host-overlay with one more", ["host-overlay", "--agent", "3"], []],
    ["xlcfg of an agent", ["xlcfg", "--agent", "3"], []],
    ["partial-tree of an agent", ["partial-tree", "--agent", "3"], []],
  ])("%s", async (_, args, guest) => {
    const [server, log, board] = await everywhere(args, guest);
    expect(server?.stderr).toBe("");
    expect(server?.stdout).toMatch(/two-guests/);
    expect(log).toEqual(server);
    expect(board).toEqual(server);
  });
});

test("a tree is flattened into a file of that name, over REST too", async () => {
  const file = join(folder.path, "red.dtb");
  const run = await inProcess(["export", "partial-tree", "--domid", "red", "--url", host.url, "--out", file]);
  expect(run).toEqual({ status: 0, stdout: "", stderr: expect.stringContaining(`${file}: `) });
  const { body } = await host.ask("GET", "/v1/domains/red/export/partial-tree");
  expect(readFileSync(file).toString("hex")).toBe(body.dtb);
  expect(body).toMatchObject({
    name: "red.dts",
    text: expect.stringContaining("arm,smc-id = <0x82000004>;"),
  });
  const json = await inProcess(["export", "partial-tree", "--domid", "red", "--url", host.url, "--json"]);
  expect(JSON.parse(json.stdout)).toEqual(body);
});

describe("what is refused says why", () => {
  test.each([
    ["no guest", ["xlcfg"], 2, /--domid DOMAIN, or --agent ID/],
    ["a guest without its board", ["xlcfg", "--xlcfg", "x.cfg"], 2, /give --board too/],
    ["two machines", ["xlcfg", "--board", TWO_GUESTS, "--db", "x.db"], 2, /not both/],
    ["dom0", ["xlcfg", "--board", TWO_GUESTS, "--domid", "0"], 1, /dom0 is built by Xen/],
    ["nobody", ["partial-tree", "--board", TWO_GUESTS, "--domid", "nobody"], 1, /no domain nobody/],
    ["Xen's agent", ["partial-tree", "--board", TWO_GUESTS, "--agent", "1"], 1, /Xen's own agent/],
    [
      "no folder",
      ["xlcfg", "--board", TWO_GUESTS, "--agent", "2", "--out", "/nowhere/a.cfg"],
      1,
      /cannot be written/,
    ],
    [
      "no such cfg",
      ["xlcfg", "--board", TWO_GUESTS, "--xlcfg", "nowhere.cfg"],
      1,
      /nowhere.cfg cannot be read/,
    ],
  ])("%s", async (_, args, status, why) => {
    const run = await inProcess(["export", ...args]);
    expect(run.status).toBe(status);
    expect(run.stderr).toMatch(why);
    expect(run.stdout).toBe("");
  });

  test("over REST", async () => {
    const dom0 = await host.ask("GET", "/v1/domains/0/export/xlcfg");
    expect(dom0).toMatchObject({ status: 422, body: { code: "not-exportable" } });
    const overlay = await host.ask("GET", "/v1/host/export/overlay?agents=none");
    expect(overlay).toMatchObject({ status: 400, body: { code: "request-invalid" } });
    expect((await host.ask("GET", "/v1/domains/9/export/xlcfg")).status).toBe(404);
  });
});

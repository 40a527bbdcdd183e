import { readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { readBinding } from "#config/binding/read-binding.ts";
import type { SeriesVersion } from "#config/board/board.ts";
import { accessControllers } from "#config/device-tree/access-controllers.ts";
import type { DeviceTree, DtNode } from "#config/device-tree/fdt.ts";
import { readCells } from "#config/device-tree/property.ts";
import { memoryReservations } from "#config/tree-writer/reservations.ts";
import { applyOverlay } from "#inputs/fdtoverlay.ts";
import { nodeAt, parsed } from "../support/device-tree.ts";
import { dtc, HAS_DTC, NO_DTC } from "../support/dtc.ts";
import { inProcess } from "../support/in-process.ts";
import { type HostOptions, Scenario } from "../support/scenario.ts";
import { scratchFolder } from "../support/scmictl.ts";

const scratch = scratchFolder();
afterAll(() => scratch.remove());

/** Trees of every generation, the version that they are for, who Xen is in them, and where their pages begin. */
const TREES: readonly (readonly [
  file: string,
  version: SeriesVersion,
  xen: number,
  pages: number,
  cmdline: string,
])[] = [
  ["generations/bsp.dts", "bsp", 0, 0x3ff0_0000, ""],
  ["generations/rfc.dts", "v4", 0, 0x47ff_0000, "dom0_scmi_agent_id=1"],
  ["generations/v5.dts", "v5", 1, 0x47ff_0000, "dom0_scmi_agent_id=0"],
  ["generations/v7.dts", "v7", 1, 0x47ff_0000, "dom0=pvh,sci-agent-id=2"],
  // The examples of the reference.
  ["trees/bsp.dts", "bsp", 0, 0x3ff0_0000, ""],
  ["trees/rfc-rows.dts", "v3", 0, 0x47ff_0000, ""],
  ["trees/v5-container.dts", "v6", 1, 0x47ff_0000, ""],
  ["trees/two-cells-dom0less.dts", "v8", 1, 0x5000_0000, ""],
  ["trees/three-cells.dts", "v10", 1, 0x47ff_0000, ""],
];

const source = (file: string) => `test/inputs/${file}`;
const symbols = ["-@", "-I", "dts", "-O", "dtb"];

/** Migrates a tree with the program, and reads what it wrote. */
async function migrated(file: string, ...more: string[]) {
  const run = await inProcess(["export", "migrate", "--dts", file, "--out", scratch.path, ...more]);
  expect(run.stderr).toContain("now v8+");
  expect(run.status).toBe(0);
  const stem = basename(file).replace(/\.\w+$/, "");
  const read = (suffix: string) => new Uint8Array(readFileSync(join(scratch.path, stem + suffix)));
  return {
    run,
    overlaySource: new TextDecoder().decode(read("-migrate.dtso")),
    overlay: read("-migrate.dtbo"),
    source: new TextDecoder().decode(read("-migrated.dts")),
    whole: read("-migrated.dtb"),
  };
}

async function overlaid(base: Uint8Array, overlay: Uint8Array): Promise<Uint8Array> {
  const bytes = await applyOverlay(base, overlay, "test.dtbo");
  if (!(bytes instanceof Uint8Array)) throw new Error(bytes.detail);
  return bytes;
}

/** Properties that an overlay leaves behind, as it can take none out. */
const LEFT_BEHIND: Readonly<Record<string, string>> = {
  "epam,secondary-agents": "",
  "xen,scmi-secondary-agents": "",
  "xen,sci_agent_id": "",
  "xen,arm_sci": "none\0",
};
/** Properties with phandles at every so many cells; the numbers themselves mean nothing. */
const PHANDLES: Readonly<Record<string, readonly [every: number, at: number]>> = {
  shmem: [1, 0],
  "scmi-secondary-agents": [3, 1],
};

/** What a tree says, but for numbers of phandles, labels, the order of things, and what an overlay leaves behind. */
function meaning(tree: DeviceTree): string[] {
  return tree.nodes
    .filter(({ path }) => !path.startsWith("/__symbols__"))
    .flatMap((node) => [
      node.path,
      ...[...node.properties]
        .filter(
          ([name, value]) => name !== "phandle" && LEFT_BEHIND[name] !== new TextDecoder().decode(value),
        )
        .map(([name, value]) => `${node.path} ${name} = ${valueText(tree, node, name, value)}`),
    ])
    .sort();
}

function valueText(tree: DeviceTree, node: DtNode, name: string, value: Uint8Array): string {
  const path = (phandle: number) => tree.nodeByPhandle(phandle)?.path ?? "nothing";
  const cells = readCells(node, name) ?? [];
  const layout = PHANDLES[name];
  if (layout !== undefined) {
    return cells.map((cell, at) => (at % layout[0] === layout[1] ? path(cell) : cell)).join(" ");
  }
  if (name === "access-controllers") {
    const { entries, endedEarly } = accessControllers(tree, node);
    return `${entries.map(({ provider, args }) => [provider.path, ...args].join(" "))} ${endedEarly}`;
  }
  return value.join(" ");
}

function boot(tree: Uint8Array, version: SeriesVersion, xen: number, pages: number, cmdline: string) {
  const agents = [0, 1, 2, 3].map((id) => {
    const shmem = pages + 0x1000 * id;
    return { id, name: `agent-${id}`, funcId: 0x8200_0002 + id, shmem };
  }) as NonNullable<HostOptions["firmware"]>["agents"];
  const firmware = { trustedAgents: [xen], ...(agents === undefined ? {} : { agents }) };
  const scenario = new Scenario({ tree, xen: { version, cmdline }, firmware });
  const answer = scenario.boot();
  return {
    errno: answer.errno,
    channels: scenario.channels,
    domains: answer.all("domain.created").map(({ name, agent }) => [name, agent]),
    permissions: scenario.permissions,
  };
}

describe.each(TREES)("%s, written for %s", (file, version, xen, pages, cmdline) => {
  test("boots at v10 with the agents of before, whole or overlaid, and passes the check", async ({
    skip,
  }) => {
    if (!HAS_DTC) skip(NO_DTC);
    const old = dtc(symbols, readFileSync(source(file)));
    const { overlay, overlaySource, whole, source: wholeSource } = await migrated(source(file));
    const merged = await overlaid(old, overlay);

    // One and the same, whichever way: written or compiled, whole or laid over.
    expect(meaning(parsed(whole))).toEqual(meaning(parsed(merged)));
    expect(meaning(parsed(dtc(["-I", "dts", "-O", "dtb"], wholeSource)))).toEqual(meaning(parsed(whole)));
    const compiled = dtc(symbols, overlaySource);
    expect(meaning(parsed(await overlaid(old, compiled)))).toEqual(meaning(parsed(merged)));
    expect(memoryReservations(whole)).toEqual(memoryReservations(old));

    const before = boot(old, version, xen, pages, cmdline);
    expect(before.errno).toBeNull();
    for (const tree of [whole, merged]) {
      expect(readBinding(parsed(tree))?.form).toBe("xen,sci");
      expect(boot(tree, "v10", xen, pages, "")).toEqual(before);
    }

    const dtb = join(scratch.path, "checked.dtb");
    for (const tree of [whole, merged]) {
      writeFileSync(dtb, tree);
      const check = await inProcess(["check", "--json", "--dts", dtb]);
      const errors = JSON.parse(check.stdout).findings.filter(
        ({ severity }: { severity: string }) => severity === "E",
      );
      expect(errors).toEqual([]);
    }
  });

  test("a second migration changes nothing", async ({ skip }) => {
    if (!HAS_DTC) skip(NO_DTC);
    const { whole } = await migrated(source(file));
    const again = join(scratch.path, "again.dtb");
    writeFileSync(again, whole);
    const { run, whole: same } = await migrated(again);
    expect(run.stderr).toContain("nothing: the tree is in the newest form already");
    expect(meaning(parsed(same))).toEqual(meaning(parsed(whole)));
  });
});

describe("what becomes of it", () => {
  test("dom0 keeps its driver: the host's node has the function id and the page of its agent", async ({
    skip,
  }) => {
    if (!HAS_DTC) skip(NO_DTC);
    for (const [file, funcId, page] of [
      ["generations/bsp.dts", 0x8200_0003, "/sram@3ff00000/scmi-shm@1000"],
      ["generations/rfc.dts", 0x8200_0003, "/sram@47ff1000"],
      ["generations/v5.dts", 0x8200_0002, "/scmi-shmem@47ff0000"],
    ] as const) {
      const tree = parsed((await migrated(source(file))).whole);
      const scmi = nodeAt(tree, "/firmware/scmi");
      expect(readCells(scmi, "arm,smc-id")).toEqual([funcId]);
      expect(tree.nodeByPhandle(readCells(scmi, "shmem")?.[0] ?? 0)?.path).toBe(page);
    }
  });

  test("entries of other access controllers stay what they were", async ({ skip }) => {
    if (!HAS_DTC) skip(NO_DTC);
    const { whole, overlaySource } = await migrated(source("generations/rfc.dts"));
    const tree = parsed(whole);
    const cells = readCells(nodeAt(tree, "/soc/i2c@e6508000"), "access-controllers") ?? [];
    const path = (at: number) => tree.nodeByPhandle(cells[at] ?? 0)?.path;
    expect([path(0), ...cells.slice(1, 3)]).toEqual(["/firmware/other", 7, 8]);
    expect([path(3), cells[4]]).toEqual(["/chosen/xen/xen-scmi-config/scmi", 1]);
    expect([path(5), ...cells.slice(6)]).toEqual(["/firmware/other", 9, 9]);
    // By label, which outlives another dtc; a number would not.
    expect(overlaySource).toContain("<&other 0x7 0x8 &scmi_xen 0x1 &other 0x9 0x9>");
  });

  test("the command line loses what tells dom0's agent, and nothing else", async ({ skip }) => {
    if (!HAS_DTC) skip(NO_DTC);
    const text = async (file: string, property: string) => {
      const chosen = nodeAt(parsed((await migrated(source(file))).whole), "/chosen");
      return new TextDecoder().decode(chosen.properties.get(property)).replace("\0", "");
    };
    expect(await text("generations/rfc.dts", "bootargs")).toBe("dom0_mem=1G console=dtuart");
    expect(await text("generations/v5.dts", "xen,xen-bootargs")).toBe("dom0_mem=1G");
    expect(await text("generations/v7.dts", "xen,xen-bootargs")).toBe("dom0=pvh");
  });

  test("the overlay goes to the standard output where no folder is asked for", async ({ skip }) => {
    if (!HAS_DTC) skip(NO_DTC);
    const run = await inProcess(["export", "migrate", "--dts", source("trees/v5-container.dts")]);
    expect(run.status).toBe(0);
    expect(run.stdout).toContain('compatible = "xen,sci";');
    expect(run.stderr).toContain("binding: v5/v6, now v8+");
    expect(run.stderr).toContain("agent 2: function id 0x82000004, page 0x47ff2000, free");
  });

  test("a command line that is not in the tree is given, and told what to become", async ({ skip }) => {
    if (!HAS_DTC) skip(NO_DTC);
    const args = ["export", "migrate", "--json", "--dts", source("trees/v5-container.dts")];
    const run = await inProcess([...args, "--cmdline", "loglvl=all dom0=sci-agent-id=2"]);
    expect(JSON.parse(run.stdout)).toMatchObject({
      from: "v6",
      agents: [{ agentId: 2, funcId: "0x82000004", shmem: "0x47ff2000", holder: "dom0" }],
      notes: expect.arrayContaining([
        'give Xen the command line "loglvl=all" instead of "loglvl=all dom0=sci-agent-id=2"',
      ]),
    });
  });
});

describe("an overlay", () => {
  const base = () => {
    const file = join(scratch.path, "base.dts");
    writeFileSync(
      file,
      "/dts-v1/;\n/ { #address-cells = <2>; #size-cells = <1>; chosen { }; soc: soc { }; };\n",
    );
    return file;
  };
  const overlay = () => {
    const file = join(scratch.path, "old.dtso");
    const fragments = `
      &{/} {
        #address-cells = <2>; #size-cells = <1>;
        p0: page@40000000 { compatible = "arm,scmi-shmem"; reg = <0 0x40000000 0x1000>; };
        p1: page@40001000 { compatible = "arm,scmi-shmem"; reg = <0 0x40001000 0x1000>; };
        firmware { mine: scmi {
          compatible = "arm,scmi-smc"; arm,smc-id = <0x82000002>; shmem = <&p0>;
          #access-controller-cells = <1>; epam,secondary-agents = <1 0x82000003 &p1>;
        }; };
      };
      &soc { access-controllers = <&mine 4>; };`;
    writeFileSync(file, `/dts-v1/;\n/plugin/;\n${fragments}\n`);
    return file;
  };

  test("is migrated with its base", async ({ skip }) => {
    if (!HAS_DTC) skip(NO_DTC);
    const { whole } = await migrated(overlay(), "--base", base());
    const binding = readBinding(parsed(whole));
    expect(binding?.list.rows.map(({ funcId, agentId }) => [funcId, agentId])).toEqual([[0x8200_0003, 1]]);
    expect(binding?.dom0.agentId).toBe(1);
  });

  test.for<[string, () => string[], string]>([
    ["without a base", () => ["--dts", overlay()], "name it with --base"],
    [
      "with a base that lacks its labels",
      () => ["--dts", overlay(), "--base", source("trees/bsp.dts")],
      "soc",
    ],
    ["as its own base", () => ["--dts", overlay(), "--base", overlay()], "is an overlay itself"],
    ["that is none", () => ["--dts", base(), "--base", base()], "it is a whole tree"],
  ])("%s is refused", async ([, args, why], { skip }) => {
    if (!HAS_DTC) skip(NO_DTC);
    const run = await inProcess(["export", "migrate", ...args()]);
    expect(run.status).toBe(1);
    expect(run.stderr).toContain("code: overlay-refused");
    expect(run.stderr).toContain(why);
  });
});

test("a tree without a binding is refused, and a file that is none", async ({ skip }) => {
  if (!HAS_DTC) skip(NO_DTC);
  const file = join(scratch.path, "plain.dts");
  writeFileSync(file, "/dts-v1/;\n/ { };\n");
  const run = await inProcess(["export", "migrate", "--dts", file]);
  expect(run.status).toBe(1);
  expect(run.stderr).toContain("it has no SCI binding of any generation");
  const none = await inProcess(["export", "migrate", "--dts", join(scratch.path, "nothing.dts")]);
  expect(none.stderr).toContain("code: file-unreadable");
});

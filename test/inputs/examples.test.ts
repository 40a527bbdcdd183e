import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { isProblem } from "#base/problem.ts";
import type { FirmwareConfig } from "#config/board/board.ts";
import { accessControllers } from "#config/device-tree/access-controllers.ts";
import { readRegion } from "#config/device-tree/address.ts";
import type { DeviceTree, DtNode } from "#config/device-tree/fdt.ts";
import { readCells, readU32 } from "#config/device-tree/property.ts";
import { readGuest } from "#config/xlcfg/guest.ts";
import { loadHost } from "#inputs/load-host.ts";
import { rcarV4hBoard } from "../../scripts/generate-rcar-v4h.ts";
import { nodeAt, parsed } from "../support/device-tree.ts";
import { dtc, HAS_DTC, NO_DTC } from "../support/dtc.ts";

const EXAMPLES = readdirSync("examples");
const CONTAINER = "/chosen/xen/xen-scmi-config";

async function loaded(example: string): Promise<{ firmware: FirmwareConfig; tree: DeviceTree }> {
  const host = await loadHost(`examples/${example}/board.yaml`);
  if (isProblem(host)) throw new Error(host.detail);
  return { firmware: host.board.firmware, tree: parsed(host.deviceTree) };
}

/** A row of the agent list, or the management node: what Xen knows of a channel. */
interface Channel {
  readonly funcId: number;
  readonly shmem: number | undefined;
  readonly id?: number;
}

function channels(tree: DeviceTree): Channel[] {
  const page = (phandle = 0) => {
    const node = tree.nodeByPhandle(phandle);
    return node && readRegion(node, 0)?.address;
  };
  const container = nodeAt(tree, CONTAINER);
  const width = readU32(container, "#scmi-secondary-agents-cells") ?? 0;
  const list = readCells(container, "scmi-secondary-agents") ?? [];
  const rows = Array.from({ length: list.length / width }, (_, row) =>
    list.slice(row * width, (row + 1) * width),
  );
  const management = nodeAt(tree, `${CONTAINER}/scmi`);
  return [
    { funcId: readU32(management, "arm,smc-id") ?? 0, shmem: page(readU32(management, "shmem") ?? 0) },
    ...rows.map(([funcId = 0, shmem, id]) => ({
      funcId,
      shmem: page(shmem),
      ...(id === undefined ? {} : { id }),
    })),
  ];
}

/** The ids in a property whose entries are a phandle and one cell. */
function ids(node: DtNode, property: string): number[] {
  return (readCells(node, property) ?? []).filter((_, index) => index % 2 === 1);
}

function guests(example: string): string[] {
  return readdirSync(`examples/${example}`).filter((file) => file.endsWith(".cfg"));
}

/** Its device-tree sources, without `.dts`. */
function sources(example: string): string[] {
  return readdirSync(`examples/${example}`).flatMap((file) => /^(.*)\.dts$/.exec(file)?.[1] ?? []);
}

const PAGE = 0x1000;

function range(start: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => start + index);
}

/** Every page of a device's `reg`, by address. */
function regionPages(node: DtNode): number[] {
  return (readCells(node, "reg") ?? [])
    .filter((_, cell) => cell % 4 === 0)
    .map((_, index) => readRegion(node, index))
    .flatMap((region) =>
      region === null ? [] : range(0, Math.ceil(region.size / PAGE)).map((n) => region.address + n * PAGE),
    );
}

/** The shared peripheral interrupts of a device, as its `interrupts` counts them. */
function interrupts(node: DtNode): number[] {
  return (readCells(node, "interrupts") ?? []).filter((_, cell) => cell % 3 === 1);
}

test("examples/rcar-v4h/board.yaml is what its generator makes", () => {
  expect(readFileSync("examples/rcar-v4h/board.yaml", "utf8")).toBe(rcarV4hBoard());
});

describe.each(EXAMPLES)("examples/%s", (example) => {
  test.for(sources(example))("%s.dtb is the source beside it, compiled", (name, { skip }) => {
    if (!HAS_DTC) skip(NO_DTC);
    const flattened = (input: Uint8Array) => dtc(["-I", "dtb", "-O", "dts", "-s"], input);
    const compiled = dtc(["-I", "dts", "-O", "dtb"], readFileSync(`examples/${example}/${name}.dts`));
    const kept = readFileSync(`examples/${example}/${name}.dtb`);
    expect(new TextDecoder().decode(flattened(kept))).toBe(new TextDecoder().decode(flattened(compiled)));
  });

  test("the device tree has a channel for each agent of the firmware, and no other", async () => {
    const { firmware, tree } = await loaded(example);
    const told = channels(tree);
    expect(told).toHaveLength(firmware.agents.length);
    for (const channel of told) {
      const agent = firmware.agents.find(({ funcId }) => funcId === channel.funcId);
      expect(agent).toMatchObject(channel);
    }
  });

  test("a device of the tree uses only what its SCMI device guards, or what is never off", async () => {
    const { firmware, tree } = await loaded(example);
    const neverOff = firmware.powerDomains.filter(({ alwaysOn }) => alwaysOn).map(({ id }) => id);
    const nodes = tree.nodes.filter((node) => node.properties.has("access-controllers"));
    expect(nodes.length).toBeGreaterThan(0);
    for (const node of nodes) {
      const { entries, endedEarly } = accessControllers(tree, node);
      expect(endedEarly, node.path).toBe(false);
      for (const { provider, args } of entries) {
        expect(provider.path).toBe(`${CONTAINER}/scmi`);
        const device = firmware.devices.find(({ id }) => id === args[0]);
        expect(device?.clocks, node.path).toEqual(expect.arrayContaining(ids(node, "clocks")));
        expect(device?.resets, node.path).toEqual(expect.arrayContaining(ids(node, "resets")));
        expect([...(device?.powerDomains ?? []), ...neverOff], node.path).toEqual(
          expect.arrayContaining(ids(node, "power-domains")),
        );
      }
    }
  });

  test.each(guests(example))("%s asks for what the board has", async (file) => {
    const { firmware, tree } = await loaded(example);
    const guest = readGuest(readFileSync(`examples/${example}/${file}`, "utf8"), "v10");
    if (isProblem(guest)) throw new Error(guest.detail);
    expect(guest.warnings).toEqual([]);
    expect(guest.sci.type).toBe("scmi_smc_multiagent");

    const nodes = guest.dtdev.map((path) => nodeAt(tree, path));
    expect(nodes.filter((node) => !node.properties.has("xen,passthrough"))).toEqual([]);
    expect(nodes.filter((node) => !node.properties.has("access-controllers"))).toEqual([]);

    const agent = firmware.agents.find(({ id }) => id === guest.sci.agentId);
    const pages = [agent?.shmem ?? 0, ...nodes.flatMap(regionPages)];
    const mapped = guest.iomem.flatMap(({ start, count }) => range(start, count)).map((page) => page * PAGE);
    expect(mapped).toEqual(pages);

    // A real file names every interrupt; the small board's devices have none.
    expect(guest.irqs).toEqual(nodes.flatMap(interrupts).map((spi) => spi + 32));
  });
});

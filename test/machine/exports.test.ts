import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isProblem } from "#base/problem.ts";
import type { HostDescription } from "#config/board/board.ts";
import { accessControllers } from "#config/device-tree/access-controllers.ts";
import { readPartialTree } from "#config/device-tree/partial-tree.ts";
import { isCompatible } from "#config/device-tree/property.ts";
import { type ExportedFile, hostOverlayFile, partialTreeFile, xlCfgFile } from "#config/export/exports.ts";
import type { ExportedDomain, ExportView } from "#config/export/view.ts";
import { EditableTree } from "#config/tree-writer/editable-tree.ts";
import { toDtb } from "#config/tree-writer/to-dtb.ts";
import { readGuest } from "#config/xlcfg/guest.ts";
import { applyOverlay } from "#inputs/fdtoverlay.ts";
import { loadHost } from "#inputs/load-host.ts";
import { parsed } from "../support/device-tree.ts";
import { dtc, HAS_DTC, NO_DTC } from "../support/dtc.ts";
import { bspTree, hostOf } from "../support/generations.ts";
import { Random } from "../support/random.ts";
import { ok, type RandomHost, type Running, randomHost, running } from "../support/random-host.ts";
import { runs } from "../support/runs.ts";
import { funcIdOf, hostWith } from "../support/scenario.ts";
import { PASSTHROUGH, singleAgent } from "../support/single-agent.ts";

/** What has to be the same on the machine that is made of the exports. */
function content({ view, last }: Running): unknown {
  return {
    channels: last.channels,
    permissions: last.permissions,
    domains: view.domains.map(({ xlcfg, ...domain }: ExportedDomain) => domain),
    accessController: view.accessController === null ? null : "probed",
  };
}

/** Every file of a machine that can be exported: of each domain the xl.cfg or the partial tree, and the host's overlay. */
function exported(view: ExportView): {
  autostart: HostDescription["autostart"];
  partial: Map<string, Uint8Array>;
} {
  const autostart: { file: string; text: string }[] = [];
  const partial = new Map<string, Uint8Array>();
  for (const { domid, name, origin, agentId, devices } of view.domains) {
    if (origin === "toolstack") {
      const { name: file, text } = ok(xlCfgFile(view, { domain: domid }, { deviceTree: null }));
      autostart.push({ file, text });
    } else if (origin === "dom0less" && (agentId !== null || devices.length > 0)) {
      partial.set(name, ok(partialTreeFile(view, { domain: domid }, null)).dtb as Uint8Array);
    }
  }
  return { autostart, partial };
}

/** The host that the exported files describe, its device tree made by applying the overlay to another. */
async function hostFrom(original: RandomHost, view: ExportView, base: Uint8Array, all: boolean) {
  const overlay = ok(hostOverlayFile(view, { all, agents: [] })).dtb as Uint8Array;
  const deviceTree = ok(await applyOverlay(base, overlay, "overlay.dtbo"));
  const { autostart, partial } = exported(view);
  const partialTrees = (original.host.partialTrees ?? []).map(({ domain, tree }) => ({
    domain,
    tree: partial.get(domain) ?? tree,
  }));
  return { ...original.host, deviceTree, autostart, partialTrees };
}

/** So many times what a check of every change affords. */
const MORE = runs(1, 40);

const seeds = fc.integer({ min: 0, max: 0xffff_ffff });

describe("what is exported makes the same machine", () => {
  test.skipIf(!HAS_DTC)(`on the vendor's tree, with all agents ${HAS_DTC ? "" : NO_DTC}`, async () => {
    await fc.assert(
      fc.asyncProperty(seeds, async (seed) => {
        const random = randomHost(new Random(seed));
        const before = running(random.host, random.guests);
        const again = running(await hostFrom(random, before.view, random.bareTree, true));
        expect(content(again)).toEqual(content(before));
      }),
      { numRuns: 15 * MORE },
    );
  });

  test.skipIf(!HAS_DTC)("on the tree that it runs with, with the agents in use", async () => {
    await fc.assert(
      fc.asyncProperty(seeds, async (seed) => {
        const random = randomHost(new Random(seed));
        const before = running(random.host, random.guests);
        if (before.view.channels.every(({ owner }) => owner === "xen" || owner === null)) return;
        const again = running(await hostFrom(random, before.view, random.host.deviceTree, false));
        const { channels, ...others } = content(before) as { channels: readonly { owner: unknown }[] };
        expect(content(again)).toEqual({
          channels: channels.filter(({ owner }) => owner !== null),
          ...others,
        });
      }),
      { numRuns: 10 * MORE },
    );
  });
});

describe("machines of other kinds", () => {
  test("the guest that has the single-agent mediator's channel is made again", () => {
    const host = hostWith(singleAgent(PASSTHROUGH));
    const create = { do: "domain.create", name: "only", sci: { type: "scmi_smc" }, dtdev: ["/soc/dma@3000"] };
    const before = running(host, [{ create, later: [] }]);
    const again = running({ ...host, autostart: exported(before.view).autostart });
    expect(content(again)).toEqual(content(before));
    const tree = ok(partialTreeFile(before.view, { domain: "only" }, null));
    expect(tree.text).toContain(`arm,smc-id = <0x${funcIdOf(0).toString(16)}>;`);
  });

  test("a guest of the shipping product rings the one function id that all its guests ring", () => {
    const { view } = running(hostWith(hostOf(bspTree(), { version: "bsp" }, 0)), [
      { create: { do: "domain.create", name: "guest", sci: { type: "scmi_smc" } }, later: [] },
    ]);
    const tree = ok(partialTreeFile(view, { domain: "guest" }, null));
    expect(tree.text).toContain(`arm,smc-id = <0x${funcIdOf(0).toString(16)}>;`);
    expect(view.channels.find(({ owner }) => owner === 1)?.funcId).toBe(funcIdOf(2));
    expect(hostOverlayFile(view, { all: true, agents: [] })).toMatchObject({
      detail: expect.stringContaining("older binding (bsp)"),
    });
  });
});

/** The tree of an example as its vendor had it: without the container, and without who controls what. */
function vendorTree(bytes: Uint8Array): Uint8Array {
  const tree = EditableTree.of(parsed(bytes), (node) => !isCompatible(node, "xen,sci"));
  for (const node of tree.root.walk()) node.delete("access-controllers");
  return toDtb(tree);
}

test.skipIf(!HAS_DTC).each(["two-guests", "rcar-v4h"])(
  "a vendor's tree of %s is given the binding that it had",
  async (name) => {
    const host = ok(await loadHost(`examples/${name}/board.yaml`));
    const bare = { ...host, deviceTree: vendorTree(host.deviceTree), autostart: [] };
    const before = running(bare);
    expect(before.last.channels).toEqual([]);
    const overlay = ok(hostOverlayFile(before.view, { all: false, agents: [] }));
    const deviceTree = ok(await applyOverlay(bare.deviceTree, overlay.dtb as Uint8Array, "overlay.dtbo"));
    expect(controlled(deviceTree)).toEqual(controlled(host.deviceTree));
    const [planned, original] = [running({ ...bare, deviceTree }), running({ ...host, autostart: [] })];
    expect(planned.last.channels).toEqual(original.last.channels);
    expect(planned.last.permissions).toEqual(original.last.permissions);
  },
);

/** SCMI devices by node. */
function controlled(bytes: Uint8Array): Record<string, number[]> {
  const tree = parsed(bytes);
  const nodes = tree.nodes.filter(({ properties }) => properties.has("access-controllers"));
  return Object.fromEntries(
    nodes.map((node) => [node.path, accessControllers(tree, node).entries.flatMap(({ args }) => args)]),
  );
}

/** What a source compiles to, names and values in order. */
function compiled({ text }: ExportedFile): unknown {
  return nodes(dtc(["-I", "dts", "-O", "dtb"], text));
}

function nodes(bytes: Uint8Array): unknown {
  return parsed(bytes).nodes.map(({ path, properties }) => [
    path,
    [...properties].map(([name, value]) => [name, Buffer.from(value).toString("hex")]),
  ]);
}

test.skipIf(!HAS_DTC)("every tree that is exported reads the same flattened and as source", () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const { host, guests } = randomHost(new Random(seed));
      const { view } = running(host, guests);
      const files = [hostOverlayFile(view, { all: true, agents: [] })];
      for (const { domid } of view.domains) {
        for (const reader of ["xl", "dom0less"] as const)
          files.push(partialTreeFile(view, { domain: domid }, reader));
      }
      for (const file of files) {
        if (isProblem(file)) expect(file.code).toBe("not-exportable");
        else expect(compiled(file)).toEqual(nodes(file.dtb as Uint8Array));
      }
    }),
    { numRuns: 6 * MORE },
  );
});

test("a guest's partial tree has its agent's function id, and its page where its iomem maps it", () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const { host, guests } = randomHost(new Random(seed));
      const { view } = running(host, guests);
      for (const { domid, origin, agentId } of view.domains) {
        if (origin !== "toolstack" || agentId === null) continue;
        const channel = view.channels.find(({ owner }) => owner === domid);
        const { iomem } = ok(
          readGuest(ok(xlCfgFile(view, { domain: domid }, { deviceTree: null })).text, "v10"),
        );
        const page = iomem.find(({ start, count }) => {
          const host = (channel?.shmem ?? 0) / 0x1000;
          return host >= start && host < start + count;
        });
        const tree = parsed(ok(partialTreeFile(view, { domain: domid }, null)).dtb as Uint8Array);
        const [scmi, ...others] = readPartialTree(tree).scmi;
        expect(others).toEqual([]);
        expect(scmi?.smcId).toBe(channel?.funcId);
        expect(scmi?.page).toEqual({ address: (page?.gfn ?? 0) * 0x1000, size: 0x1000 });
      }
    }),
    { numRuns: 20 * MORE },
  );
});

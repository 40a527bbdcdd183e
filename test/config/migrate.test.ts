import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isProblem } from "#base/problem.ts";
import { readBinding } from "#config/binding/read-binding.ts";
import type { AgentConfig, SeriesVersion } from "#config/board/board.ts";
import { parseDeviceTree } from "#config/device-tree/fdt.ts";
import { withoutDom0Agent } from "#config/migrate/bootargs.ts";
import { migrationFiles } from "#config/migrate/files.ts";
import { type Migration, migrateBinding } from "#config/migrate/migrate.ts";
import { toDtb } from "#config/tree-writer/to-dtb.ts";
import { cpuMs } from "../support/cpu-time.ts";
import { nodeAt, parsed, treeOf } from "../support/device-tree.ts";
import { buildDtb, type DtbNode, type DtbValue } from "../support/fdt-builder.ts";
import { bspTree, MANAGEMENT, rfcTree, xenConfigTree } from "../support/generations.ts";
import { runs } from "../support/runs.ts";
import { funcIdOf, node, Scenario } from "../support/scenario.ts";

function migrate(tree: DtbNode, cmdline: string | null = null): Migration {
  const migration = migrateBinding(treeOf(tree), { cmdline });
  if (isProblem(migration)) throw new Error(migration.detail);
  return migration;
}

/** Why a tree cannot be migrated. */
function refusal(tree: DtbNode): string {
  const migration = migrateBinding(treeOf(tree), { cmdline: null });
  if (!isProblem(migration)) throw new Error("it was migrated");
  expect(migration.code).toBe("not-exportable");
  return migration.detail.replace(/^.*cannot be exported: /, "");
}

const wholeOf = (migration: Migration) => parsed(toDtb(migration.whole));
const domain = (props: Record<string, DtbValue>) => node({ compatible: "xen,domain", ...props });

describe("a tree that no Xen could have booted with is refused, with what is wrong", () => {
  test.each<[string, DtbNode, string]>([
    ["nothing there", node({}), "it has no SCI binding of any generation"],
    [
      "no SCMI node",
      xenConfigTree({ management: { status: "disabled" } }),
      "there is no SCMI node that Xen v5/v6 would take for its own channel",
    ],
    [
      "no function id",
      rfcTree({ management: { "arm,smc-id": undefined } }),
      "/firmware/scmi has no arm,smc-id",
    ],
    [
      "no page of Xen's",
      rfcTree({ management: { shmem: [99] } }),
      "shmem of /firmware/scmi refers to nothing",
    ],
    [
      "a ragged list",
      bspTree({ holder: { "epam,secondary-agents": [1, funcIdOf(1)] } }),
      "epam,secondary-agents of /firmware/scmi is empty, or is cut off within a row",
    ],
    [
      "rows of four cells",
      xenConfigTree({ holder: { "#scmi-secondary-agents-cells": [4] } }),
      "scmi-secondary-agents of /chosen/xen,config has rows of neither 2 nor 3 cells",
    ],
    [
      "a page of nothing",
      rfcTree({ holder: { "xen,scmi-secondary-agents": [1, funcIdOf(1), 99] } }),
      "row 0 of xen,scmi-secondary-agents refers to nothing",
    ],
    [
      "two rows of one agent",
      rfcTree({ holder: { "xen,scmi-secondary-agents": [1, funcIdOf(1), 2, 1, funcIdOf(2), 3] } }),
      "agent 1 is in row 0 and in row 1 of xen,scmi-secondary-agents, which Xen refuses since v6",
    ],
    [
      "more domains than channels",
      bspTree({
        holder: { "epam,secondary-agents": [1, funcIdOf(1), 2] },
        chosen: { guest: domain({ "xen,arm_sci": "scmi_smc" }) },
      }),
      "there is no channel left for /chosen/guest",
    ],
    [
      "a type that panics",
      bspTree({ chosen: { guest: domain({ "xen,arm_sci": "scmi-smc" }) } }),
      "xen,arm_sci of /chosen/guest is neither none nor scmi_smc",
    ],
  ])("%s", (_, tree, why) => {
    expect(refusal(tree)).toBe(why);
  });

  test("pages that are unaligned, or cannot be reached", () => {
    const withPage = (props: Record<string, DtbValue | undefined>) => {
      const tree = rfcTree();
      const children = { ...(tree.children as Record<string, DtbNode>) };
      const page = { compatible: "arm,scmi-shmem", reg: [0, 0x47ff_1000, 0, 0x1000], phandle: [2], ...props };
      return { ...tree, children: { ...children, "sram@47ff1000": node(page) } };
    };
    expect(refusal(withPage({ reg: [0, 0x47ff_1800, 0, 0x1000] }))).toContain("is not made of whole pages");
    expect(refusal(withPage({ reg: [0, 0x47ff_1000, 0, 0] }))).toContain("is not made of whole pages");
    expect(refusal(withPage({ reg: undefined }))).toContain("cannot be translated");
  });
});

describe("what is left to do is told", () => {
  test("an access controller whose cells were never said", () => {
    const soc = { "gpu@1": { "access-controllers": [MANAGEMENT, 4] } };
    const { notes, whole } = migrate(rfcTree({ soc, management: { "#access-controller-cells": undefined } }));
    expect(notes).toContain(
      "/soc/gpu@1 asks for its permission from now on: until now Xen did not see that, as /firmware/scmi did not say #access-controller-cells",
    );
    const list = whole.nodeByPath("/soc/gpu@1")?.properties.get("access-controllers");
    expect(list?.[1]).toBe(4);
  });

  test("an agent of dom0's that is in no row, and a dom0 without a node for its channel", () => {
    expect(migrate(xenConfigTree(), "dom0=sci-agent-id=2").notes[0]).toBe(
      "dom0 has agent 2, but no enabled /firmware/scmi that describes its channel",
    );
    expect(migrate(rfcTree(), "dom0_scmi_agent_id=9").notes[0]).toBe(
      "agent 9, which is dom0's, is in no row: the host panics, as it did before",
    );
  });

  test("a management node whose entries had two cells has one, and so have the lists", () => {
    const soc = { "gpu@1": { "access-controllers": [MANAGEMENT, 4, 0, MANAGEMENT, 5, 0] } };
    const migration = migrate(xenConfigTree({ soc, management: { "#access-controller-cells": [2] } }));
    const tree = wholeOf(migration);
    const value = nodeAt(tree, "/soc/gpu@1").properties.get("access-controllers") as Uint8Array;
    expect(value.byteLength).toBe(16);
    expect(migration.changes).toContain("/chosen/xen,config/scmi says #access-controller-cells");
  });
});

test("a container that is there already under the new name is not touched", () => {
  const taken = node({}, { "xen-scmi-config": node({ mine: [1] }) });
  const tree = wholeOf(migrate(rfcTree({ chosen: { xen: taken } })));
  expect(nodeAt(tree, "/chosen/xen/xen-scmi-config").properties.has("mine")).toBe(true);
  expect(readBinding(tree)?.container.path).toBe("/chosen/xen/xen-scmi-config-2");
});

test.each<[string, string]>([
  ["", ""],
  ["console=dtuart", "console=dtuart"],
  ["dom0_scmi_agent_id=1", ""],
  ["a  dom0_scmi_agent_id=1   b", "a   b"],
  ["dom0=sci-agent-id=1", ""],
  ["dom0=pvh,sci-agent-id=1,verbose dom0_mem=1G", "dom0=pvh,verbose dom0_mem=1G"],
  ["dom0=pvh dom0_scmi_agent_ids=1", "dom0=pvh dom0_scmi_agent_ids=1"],
])("the command line %j becomes %j", (before, after) => {
  expect(withoutDom0Agent(before)).toBe(after);
});

describe("any host", () => {
  interface Host {
    readonly version: SeriesVersion;
    readonly tree: DtbNode;
    readonly cmdline: string;
    readonly agents: readonly AgentConfig[];
  }

  const CELLS = { "#address-cells": [2], "#size-cells": [2] } as const;

  /** A host of an old version: Xen is agent 0, the others have rows in this order. */
  function hostOf(
    form: "bsp" | "rfc" | "xen,config",
    ids: readonly number[],
    firstPage: number,
    wanted: readonly number[],
  ): Host {
    const all = [0, ...ids];
    const shmemOf = (id: number) => (firstPage + all.indexOf(id)) * 0x1000;
    const phandleOf = (id: number) => 10 + all.indexOf(id);
    const agents = all.map((id) => ({ id, name: `a${id}`, funcId: funcIdOf(id), shmem: shmemOf(id) }));
    const pages = Object.fromEntries(
      all.map((id) => [
        `page@${shmemOf(id).toString(16)}`,
        node({ compatible: "arm,scmi-shmem", reg: [0, shmemOf(id), 0, 0x1000], phandle: [phandleOf(id)] }),
      ]),
    );
    const isBsp = form === "bsp";
    const rows = ids.flatMap((id) =>
      form === "xen,config" ? [funcIdOf(id), phandleOf(id), id] : [id, funcIdOf(id), phandleOf(id)],
    );
    const scmi = {
      compatible: "arm,scmi-smc",
      "arm,smc-id": [funcIdOf(0)],
      shmem: [phandleOf(0)],
      "#access-controller-cells": [1],
      phandle: [1],
      ...(isBsp ? { "epam,secondary-agents": rows } : {}),
    };
    const [dom0, ...guests] = wanted.map((at) => ids[at] as number);
    const chosen = Object.fromEntries(
      guests.map((id, at) => [
        `guest${at}`,
        domain(
          isBsp
            ? { "xen,arm_sci": "scmi_smc" }
            : { "xen,sci_type": "scmi_smc_multiagent", "xen,sci_agent_id": [id] },
        ),
      ]),
    );
    const inside = node({ "scmi-secondary-agents": rows }, { ...pages, scmi: node(scmi) });
    const tree =
      form === "xen,config"
        ? node(CELLS, { chosen: node({ ranges: true }, { "xen,config": { ...inside }, ...chosen }) })
        : node(CELLS, {
            chosen: node(isBsp ? {} : { "xen,scmi-secondary-agents": rows }, chosen),
            ...pages,
            firmware: node({}, { scmi: node(scmi) }),
          });
    const version = isBsp ? "bsp" : form === "rfc" ? "v4" : "v5";
    const cmdline = dom0 === undefined || isBsp ? "" : `dom0_scmi_agent_id=${dom0}`;
    return { version, tree, cmdline, agents };
  }

  const hosts = fc
    .record({
      form: fc.constantFrom("bsp" as const, "rfc" as const, "xen,config" as const),
      ids: fc.uniqueArray(fc.integer({ min: 1, max: 254 }), { minLength: 1, maxLength: 6 }),
      firstPage: fc.integer({ min: 1, max: 0xf_ff00 }),
      wanted: fc.uniqueArray(fc.nat(5), { maxLength: 4 }),
    })
    .map(({ form, ids, firstPage, wanted }) => {
      const inList = wanted.filter((at) => at < ids.length);
      return hostOf(form, ids, firstPage, form === "bsp" ? inList.map((_, at) => at) : inList);
    });

  function boot({ version, tree, cmdline, agents }: Omit<Host, "tree"> & { tree: Uint8Array }) {
    const scenario = new Scenario({
      tree,
      xen: { version, cmdline },
      firmware: { agents, trustedAgents: [0] },
    });
    const answer = scenario.boot();
    const domains = answer.all("domain.created").map(({ name, agent }) => [name, agent]);
    return { errno: answer.errno, channels: scenario.channels, domains };
  }

  test("starts with the agents of before", () => {
    fc.assert(
      fc.property(hosts, (host) => {
        const old = buildDtb(host.tree);
        // The container of v5 needs `ranges` to be read, which many trees of its time had not.
        const before = boot({ ...host, tree: host.version === "v5" ? withRanges(old) : old });
        expect(before.errno).toBeNull();
        const migration = migrateBinding(parsed(old), { cmdline: host.cmdline });
        if (isProblem(migration)) throw new Error(migration.detail);
        const whole = toDtb(migration.whole);
        expect(boot({ ...host, version: "v10", cmdline: "", tree: whole })).toEqual(before);
      }),
      { numRuns: 60 },
    );
  });

  function withRanges(bytes: Uint8Array): Uint8Array {
    const migration = migrateBinding(parsed(bytes), { cmdline: null });
    if (isProblem(migration)) throw new Error(migration.detail);
    const { whole } = migration;
    // As it was, but for `ranges`: the form and the agents' names are v5's again.
    const container = whole.nodeByPath("/chosen/xen,config");
    container?.delete("compatible");
    for (const guest of whole.nodeByPath("/chosen")?.children ?? []) {
      const agent = guest.properties.get("xen,sci-agent-id");
      if (agent !== undefined) guest.set("xen,sci_agent_id", agent);
    }
    return toDtb(whole);
  }
});

test("a tree of 20,000 nodes is migrated in seconds", () => {
  const many = Object.fromEntries(
    Array.from({ length: 20_000 }, (_, at) => [
      `dev@${at.toString(16)}`,
      { reg: [0, at, 0, 1], "access-controllers": [MANAGEMENT, at] } as const,
    ]),
  );
  const tree = treeOf(rfcTree({ soc: many }));
  const before = cpuMs();
  const migration = migrateBinding(tree, { cmdline: null });
  expect(isProblem(migration)).toBe(false);
  expect(cpuMs() - before).toBeLessThan(10_000);
});

test("whatever bytes a tree is made of, it is migrated or refused", () => {
  const soc = { "gpu@1": { "access-controllers": [MANAGEMENT, 1] } };
  const guest = { g: domain({ "xen,arm_sci": "scmi_smc", "xen,sci_agent_id": [2] }) };
  const seeds = [bspTree, rfcTree, xenConfigTree].map((make) => buildDtb(make({ soc, chosen: guest })));
  const change = fc.record({ at: fc.nat(), value: fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 2, 3, 9)) });
  fc.assert(
    fc.property(
      fc.constantFrom(...seeds),
      fc.array(change, { minLength: 1, maxLength: 8 }),
      (seed, changes) => {
        const bytes = seed.slice();
        for (const { at, value } of changes) bytes[at % bytes.length] = value;
        const tree = parseDeviceTree(bytes, "fuzz.dtb");
        if (isProblem(tree)) return;
        const migration = migrateBinding(tree, { cmdline: null });
        if (isProblem(migration)) expect(migration.code).toBe("not-exportable");
        else migrationFiles(migration, "fuzz.dtb", "fuzz");
      },
    ),
    { numRuns: runs(500, 100_000) },
  );
});

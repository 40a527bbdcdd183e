import { describe, expect, test } from "vitest";
import type { SeriesVersion, XenConfig } from "#config/board/board.ts";
import { findings } from "#machine/checks/findings.ts";
import { violations } from "#machine/checks/invariants.ts";
import { guestFuncId } from "#mediator/binding/guest-func-id.ts";
import type { DtbNode, DtbValue } from "../support/fdt-builder.ts";
import { bspTree, type Extras, hostOf, MANAGEMENT, rfcTree, xenConfigTree } from "../support/generations.ts";
import { Recording } from "../support/recording.ts";
import {
  type Answer,
  booted,
  funcIdOf,
  type HostOptions,
  hostWith,
  node,
  PHANDLE,
  pageOf,
  rows,
  Scenario,
} from "../support/scenario.ts";

const MULTI = "scmi_smc_multiagent";
const DEVICE = { "gpu@1": { "access-controllers": [MANAGEMENT, 1], "xen,passthrough": true } } as const;

function boot(tree: DtbNode, xen: Partial<XenConfig>, trusted = 0): { scenario: Scenario; answer: Answer } {
  const scenario = new Scenario(hostOf(tree, xen, trusted));
  return { scenario, answer: scenario.boot() };
}

const domain = (props: Record<string, string | number[]>) => node({ compatible: "xen,domain", ...props });

describe("what each version recognises", () => {
  const own: [SeriesVersion, (extras?: Extras) => DtbNode, string][] = [
    ["bsp", bspTree, "/firmware/scmi"],
    ["v3", rfcTree, "/firmware/scmi"],
    ["v4", rfcTree, "/firmware/scmi"],
    ["v5", xenConfigTree, "/chosen/xen,config/scmi"],
    ["v6", xenConfigTree, "/chosen/xen,config/scmi"],
  ];

  test.each(own)("%s: its own form, with the node that is Xen's channel", (version, tree, management) => {
    const trusted = version === "v5" || version === "v6" ? 1 : 0;
    const { answer } = boot(tree(), { version }, trusted);
    expect(answer.the("mediator.probed").node).toBe(management);
  });

  test.each<[SeriesVersion, string, DtbNode]>([
    ["v3", "xen,config", xenConfigTree()],
    ["v5", "rfc", rfcTree()],
    ["v7", "xen,config", xenConfigTree()],
    ["v10", "xen,config", xenConfigTree()],
    ["v10", "rfc", rfcTree()],
    ["v11", "bsp", bspTree()],
  ])("%s: nothing of a tree of the form %s, and dom0 starts without SCMI", (version, _, tree) => {
    const { scenario, answer } = boot(tree, { version });
    expect(answer.all("mediator.probed")).toEqual([]);
    expect(scenario.channels).toEqual([]);
    expect(answer.the("domain.created").agent).toBeNull();
  });

  test.each<SeriesVersion>(["v3", "v4", "v5", "v6"])(
    "%s: today's form too, where it has nothing else",
    (version) => {
      const scenario = booted({ xen: { version } });
      expect(scenario.owners).toEqual([
        [1, "xen"],
        [0, 0],
        [2, null],
        [3, null],
      ]);
    },
  );

  test("bsp: no form but its own", () => {
    const { answer } = boot(xenConfigTree(), { version: "bsp" }, 1);
    expect(answer.the("mediator.probe-failed")).toMatchObject({
      node: "/chosen/xen,config/scmi",
      step: 14,
      errno: "EINVAL",
      message: "/chosen/xen,config/scmi has no epam,secondary-agents",
    });
  });
});

describe("the RFCs", () => {
  test("Xen takes the host's own channel, and rows start with the agent", () => {
    const { scenario, answer } = boot(rfcTree(), { version: "v4", cmdline: "dom0_scmi_agent_id=1" });
    expect(answer.sent).toEqual([[0x4007, 0xffff_ffff], [0x4001]]);
    expect(scenario.owners).toEqual([
      [0, "xen"],
      [1, 0],
      [2, null],
      [3, null],
    ]);
    expect(scenario.channels[1]).toMatchObject({ funcId: "0x82000003", shmem: "0x47ff1000" });
  });

  test("a firmware without SET_DEVICE_PERMISSIONS is no error", () => {
    const { scenario } = boot(rfcTree({ soc: DEVICE }), { version: "v4" });
    scenario.fault({ action: "status", value: -1, message: "BASE_SET_DEVICE_PERMISSIONS" });
    scenario.create("red", 2);
    expect(scenario.assign("red", "gpu@1").errno).toBeNull();
  });
});

describe("dom0's agent is told", () => {
  const v5 = (cmdline: string) => boot(xenConfigTree(), { version: "v5", cmdline }, 1).scenario.owners[1];
  const v6 = (cmdline: string) => boot(xenConfigTree(), { version: "v6", cmdline }, 1).scenario.owners[1];

  test("on the command line, by the option of the version's own", () => {
    expect(v5("dom0_scmi_agent_id=0")).toEqual([0, 0]);
    expect(v5("dom0=sci-agent-id=0")).toEqual([0, null]);
    expect(v6("dom0=sci-agent-id=0")).toEqual([0, 0]);
    expect(v6("dom0_scmi_agent_id=0")).toEqual([0, null]);
  });

  test.each(["", "dom0=sci-agent-id=255", "dom0=sci-agent-id=256", "dom0=sci-agent-id=x"])(
    "and %j is none",
    (cmdline) => {
      expect(v6(cmdline)).toEqual([0, null]);
    },
  );

  test("to v7 there too, although it reads today's form; v8 reads the property instead", () => {
    const owner = (version: SeriesVersion, cmdline: string) => booted({ xen: { version, cmdline } }).owners;
    expect(owner("v7", "")[1]).toEqual([0, null]);
    expect(owner("v7", "dom0=sci-agent-id=2")[2]).toEqual([2, 0]);
    expect(owner("v8", "dom0=sci-agent-id=2")[1]).toEqual([0, 0]);
    // On a tree of today's form the old versions take its property, unless they are told otherwise.
    expect(owner("v6", "")[1]).toEqual([0, 0]);
    expect(owner("v6", "dom0=sci-agent-id=2")[2]).toEqual([2, 0]);
  });

  test.each<[string, string, Record<string, DtbValue>, number | null]>([
    ["the tree's, where the board has none", "", { "xen,xen-bootargs": "dom0=sci-agent-id=2" }, 2],
    ["the board's, where both have one", "loglvl=all", { "xen,xen-bootargs": "dom0=sci-agent-id=2" }, null],
    ["not dom0's own", "", { bootargs: "dom0=sci-agent-id=2" }, null],
    [
      "bootargs, where dom0 has another property",
      "",
      { bootargs: "dom0=sci-agent-id=2", "xen,dom0-bootargs": "console=hvc0" },
      2,
    ],
  ])("on a command line that is %s", (_, cmdline, chosenProps, agent) => {
    const answer = new Scenario({ xen: { version: "v7", cmdline }, chosenProps }).boot();
    expect(answer.the("domain.created").agent).toBe(agent);
  });

  test("unknown, it is the host's panic", () => {
    const { answer } = boot(xenConfigTree(), { version: "v6", cmdline: "dom0=sci-agent-id=9" }, 1);
    expect(answer.errno).toBe("ENOENT");
    expect(answer.the("domain.creation-refused")).toMatchObject({ panic: true });
  });
});

describe("agent ids that a version refuses", () => {
  test("agent 0 is for no guest up to v5, but for dom0", () => {
    for (const version of ["v3", "v4", "v5"] as const) {
      const cmdline = version === "v5" ? "dom0_scmi_agent_id=2" : "";
      const { scenario } = boot(xenConfigTree(), { version: "v5", cmdline }, 1);
      expect(scenario.create("red", 0).errno).toBe("EINVAL");
    }
    expect(
      boot(xenConfigTree(), { version: "v5", cmdline: "dom0_scmi_agent_id=0" }, 1).answer.errno,
    ).toBeNull();
    const { scenario } = boot(xenConfigTree(), { version: "v6" }, 1);
    expect(scenario.create("red", 0).errno).toBeNull();
  });

  test.each<[SeriesVersion, Record<string, string | number[]>, string | null]>([
    ["v3", { "xen,sci_type": MULTI, "xen,sci_agent_id": [2] }, "none"],
    ["v4", { "xen,sci_type": MULTI, "xen,sci_agent_id": [2] }, null],
    ["v4", { "xen,sci_type": MULTI, "xen,sci_agent_id": [0] }, "EINVAL"],
    ["v4", { "xen,sci_type": MULTI, "xen,sci_agent_id": [255] }, "ENOENT"],
    ["v4", { "xen,sci_type": MULTI, "xen,sci_agent_id": [256] }, "EINVAL"],
    ["v4", { "xen,sci_type": MULTI, "xen,sci-agent-id": [2] }, "EINVAL"],
    ["v5", { "xen,sci_type": MULTI, "xen,sci_agent_id": [2] }, null],
    ["v6", { "xen,sci_type": MULTI, "xen,sci_agent_id": [2] }, "EINVAL"],
    ["v6", { "xen,sci_type": MULTI, "xen,sci-agent-id": [2] }, null],
    ["v6", { "xen,sci_type": MULTI, "xen,sci-agent-id": [0] }, null],
    ["v6", { "xen,sci_type": MULTI, "xen,sci-agent-id": [255] }, "ENOENT"],
    ["v9", { "xen,sci_type": MULTI, "xen,sci-agent-id": [255] }, "ENOENT"],
    ["v10", { "xen,sci_type": MULTI, "xen,sci-agent-id": [255] }, "EINVAL"],
  ])("a dom0less domain in %s with %j: %s", (version, props, expected) => {
    const chosen = { guest: domain(props) };
    const isToday = version === "v9" || version === "v10";
    const old = version === "v3" || version === "v4" ? rfcTree({ chosen }) : xenConfigTree({ chosen });
    const options = isToday
      ? { chosen, xen: { version } }
      : hostOf(old, { version }, version <= "v4" ? 0 : 1);
    const answer = new Scenario(options).boot();
    if (expected === null || expected === "none") {
      expect(answer.errno).toBeNull();
      expect(answer.all("domain.created")[1]?.agent).toBe(
        expected === null ? (props["xen,sci-agent-id"]?.[0] ?? 2) : null,
      );
    } else {
      expect(answer.errno).toBe(expected);
    }
  });
});

describe("the shipping product", () => {
  const shipped = (extras: Extras = {}) => boot(bspTree(extras), { version: "bsp" });
  const create = (scenario: Scenario, name: string, type = "scmi_smc") =>
    scenario.when({
      kind: "domain.create",
      request: { name, sci: { type, agentId: 0 }, dtdev: [], passthrough: false, uuid: null },
    });

  test("asks every channel who it is, and takes what it is told", () => {
    const { answer, scenario } = shipped({
      holder: { "epam,secondary-agents": [7, funcIdOf(1), 2, 1, funcIdOf(2), 3] },
    });
    expect(answer.sent).toEqual([
      [0x4007, 0xffff_ffff],
      [0x4001],
      [0x4007, 0xffff_ffff],
      [0x4007, 0xffff_ffff],
    ]);
    expect(scenario.channels.map(({ agentId }) => agentId)).toEqual([0, 1, 2]);
  });

  test("gives dom0 the first channel, each domain the next, and none to the last", () => {
    const { scenario } = shipped({ chosen: { domD: domain({ "xen,arm_sci": "scmi_smc" }) } });
    expect(scenario.owners).toEqual([
      [0, "xen"],
      [1, 0],
      [2, 1],
      [3, null],
    ]);
    expect(create(scenario, "red").problem).toBeNull();
    expect(create(scenario, "blue").errno).toBe("ENOENT");
    scenario.destroy("red");
    expect(create(scenario, "blue").result.agentId).toBe(3);
  });

  test("knows the types none and scmi_smc", () => {
    const { scenario } = shipped();
    expect(create(scenario, "red", "none").result.agentId).toBeNull();
    expect(create(scenario, "blue", MULTI).errno).toBe("EINVAL");
    const { answer } = shipped({ chosen: { domD: domain({ "xen,arm_sci": "scmi-smc" }) } });
    expect(answer.the("domain.creation-refused")).toMatchObject({ errno: "EINVAL", panic: true });
  });

  test("panics where there is no channel for dom0, and goes on where the list is missing", () => {
    const none = shipped({ holder: { "epam,secondary-agents": undefined } });
    expect(none.answer.the("mediator.probe-failed")).toMatchObject({ step: 14, errno: "EINVAL" });
    expect(none.answer.the("domain.created").agent).toBeNull();
  });

  test("takes two channels of one agent", () => {
    const { answer, scenario } = shipped({
      holder: { "epam,secondary-agents": [1, funcIdOf(1), 2, 1, funcIdOf(1), 2] },
    });
    expect(answer.errno).toBeNull();
    expect(scenario.channels.map(({ agentId }) => agentId)).toEqual([0, 1, 1]);
  });

  test("lets its guests ring the base id, adds the agent's, and hands no argument on", () => {
    // A firmware that leaves x1 to x3 as it was rung with them.
    const scenario = booted(hostOf(bspTree(), { version: "bsp" }, 0, { profile: "ref" }));
    create(scenario, "red");
    expect(scenario.smc("red", funcIdOf(2), 7).result.handled).toBe(false);
    const answer = scenario.smc("red", funcIdOf(0), 7, 8);
    expect(answer.result.handled).toBe(true);
    const { x, caller, xOut } = answer.the("smc.forwarded");
    expect([x[0], x[1], caller]).toEqual([BigInt(funcIdOf(0)), 7n, 2]);
    expect(xOut).toEqual([0n, 0n, 0n, 0n]);
    const host = { ...scenario.machine.state.configuration(), rules: 2 } as Parameters<typeof guestFuncId>[0];
    expect(guestFuncId(host, { funcId: funcIdOf(3), agentId: 3 })).toBe(funcIdOf(0));
  });

  test("carries a typed SCMI call of a guest's", () => {
    const { scenario } = shipped();
    create(scenario, "red");
    const call = { protocol: "base", message: "PROTOCOL_VERSION" };
    expect(scenario.when({ kind: "scmi", domain: "red", call }).result.status).toBe("SUCCESS");
  });

  test("keeps permissions at teardown, and keeps a domain dying whose firmware has no reset", () => {
    const { scenario } = shipped();
    create(scenario, "red");
    expect(scenario.destroy("red").sent).toEqual([[0x400b, 2, 0]]);
    scenario.fault({ action: "status", value: -1, message: "BASE_RESET_AGENT_CONFIGURATION" });
    create(scenario, "blue");
    expect(scenario.destroy("blue").errno).toBe("EOPNOTSUPP");
  });

  test("never gets past a foreign access controller", () => {
    const soc = { "gpu@1": { "access-controllers": [2, 5, MANAGEMENT, 1] } };
    const pageAsController = { ...bspTree({ soc }) };
    const children = { ...(pageAsController.children as Record<string, DtbNode>) };
    const page = "sram@47ff1000";
    children[page] = node({
      ...Object.fromEntries(children[page]?.props as [string, number[]][]),
      "#access-controller-cells": [1],
    });
    const { answer } = boot({ ...pageAsController, children }, { version: "bsp" });
    expect(answer.errno).toBe("EDEADLK");
    expect(answer.the("device.assignment-refused")).toMatchObject({ path: "/soc/gpu@1", panic: true });
  });
});

test.each<[SeriesVersion, DtbNode, string]>([
  ["v4", rfcTree(), "row 1 of xen,scmi-secondary-agents"],
  [
    "v6",
    xenConfigTree({ holder: { "scmi-secondary-agents": [funcIdOf(0), 1, 0, funcIdOf(2), 4, 2] } }),
    "row 1 of scmi-secondary-agents",
  ],
])("a finding of %s names the list that it is about", (version, tree, where) => {
  const wrong = version === "v6" ? [0, 1, 2, 3] : [0, 1, 3, 2];
  const agents = [0, 1, 2, 3].map((id) => ({
    id,
    name: `agent-${id}`,
    funcId: funcIdOf(id),
    shmem: pageOf(wrong[id] as number),
  }));
  const scenario = new Scenario(hostOf(tree, { version }, version === "v6" ? 1 : 0, { agents }));
  scenario.boot();
  const messages = findings(scenario.machine.state).map(({ message }) => message);
  expect(messages.some((message) => message.startsWith(where))).toBe(true);
});

test.each<[SeriesVersion, DtbNode, number]>([
  ["bsp", bspTree({ soc: DEVICE, chosen: { domD: domain({ "xen,arm_sci": "scmi_smc" }) } }), 0],
  ["v4", rfcTree({ soc: DEVICE }), 0],
  ["v6", xenConfigTree({ soc: DEVICE }), 1],
])("a log of %s verifies", (version, tree, trusted) => {
  const log = new Recording(hostWith(hostOf(tree, { version }, trusted)));
  const type = version === "bsp" ? "scmi_smc" : MULTI;
  const request = { name: "red", sci: { type, agentId: 3 }, dtdev: [], passthrough: true, uuid: null };
  log.do({ kind: "domain.create", request });
  log.do({ kind: "device.assign", domain: "red", path: "/soc/gpu@1" });
  const x = [version === "bsp" ? funcIdOf(0) : funcIdOf(3), 1, 2, 3, 4, 5, 6, 7].map(BigInt);
  const rung = log.do({ kind: "smc", domain: "red", x, shmem: null });
  expect(rung.events.map((event) => event.type)).toEqual(["smc.forwarded"]);
  log.do({ kind: "domain.restart", domain: "red" });
  log.do({ kind: "host.reboot", cause: "reboot" });
  expect(log.verify().divergences).toEqual([]);
});

describe("a second SCMI node, whose registration fails", () => {
  const options = (version: SeriesVersion): HostOptions => ({
    xen: { version },
    inContainer: {
      "scmi-2": node({ compatible: "arm,scmi-smc", "arm,smc-id": [funcIdOf(3)], shmem: [PHANDLE.page3] }),
    },
    container: { "scmi-secondary-agents": rows([0, 2]) },
    firmware: { trustedAgents: [1, 3] },
  });

  test("leaves the list that it has made, up to v9: Xen works with its channels from then on", () => {
    const scenario = new Scenario(options("v9"));
    const boot = scenario.boot();
    expect(boot.errno).toBe("EEXIST");
    expect(scenario.owners).toEqual([
      [3, "xen"],
      [0, 0],
      [2, null],
    ]);
    const destroyed = scenario.create("red", 2).errno === null ? scenario.destroy("red") : null;
    expect(destroyed?.the("smc.forwarded")).toMatchObject({ caller: 3 });
    expect(findings(scenario.machine.state)[0]?.message).toContain(
      "an earlier one registered, and stays, and the channels are those of /chosen/xen/scmi-2",
    );
    expect(violations(scenario.machine.state)).toEqual([]);
  });

  test("frees it since v10, and the host has no channels", () => {
    const scenario = new Scenario(options("v10"));
    expect(scenario.boot().errno).toBe("ENOENT");
    expect(scenario.channels).toEqual([]);
  });

  test("verifies, and the tables are as the state", () => {
    const log = new Recording(hostWith(options("v9")), { projected: true });
    expect(log.verify().divergences).toEqual([]);
    const channels = log.db.prepare("SELECT agent_id, owner FROM channels ORDER BY list_index").raw().all();
    expect(channels).toEqual([
      [3, "xen"],
      [0, 0],
      [2, null],
    ]);
  });
});

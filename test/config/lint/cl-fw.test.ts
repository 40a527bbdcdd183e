import { describe, expect, test } from "vitest";
import { boardText } from "./board-text.ts";
import { edited } from "./edit-tree.ts";
import { hostTree } from "./host-tree.ts";
import { findings, type Given, rules } from "./lint-input.ts";

const fired = (given: Given) => rules(given).filter((rule) => /^(CL|FW)/.test(rule));
const on = (cmdline: string, xen: Readonly<Record<string, unknown>> = {}) =>
  boardText({ xen: { cmdline, ...xen } });
const SINGLE = boardText({ xen: { mediator: "single-agent" } });
const WITHOUT_CONTAINER = edited(hostTree(), {
  "/chosen/xen/xen_scmi_config": null,
  "/soc/i2c@e6508000": null,
});
const withFirmware = (firmware: Readonly<Record<string, unknown>>) => boardText({ firmware });
const SUPPORTS = {
  discoverAgent: true,
  setDevicePermissions: true,
  setProtocolPermissions: false,
  resetAgentConfiguration: true,
};
const supports = (command: string) => withFirmware({ supports: { ...SUPPORTS, [command]: false } });

/** A broken example of a rule, all of its family that fires, and the nearest that works. */
const CASES: readonly (readonly [
  rule: string,
  what: string,
  bad: Given,
  all: readonly string[],
  good: Given,
])[] = [
  [
    "CL001",
    "the RFCs' option for a guest's SCMI",
    { board: on("console=dtuart dom0_scmi_smc_passthrough") },
    ["CL001"],
    { board: on("scmi-smc-passthrough") },
  ],
  [
    "CL001",
    "the RFCs' option for dom0's agent",
    { board: on("dom0_scmi_agent_id=2") },
    ["CL001"],
    { board: on("dom0_scmi_agent_id=2", { version: "v5" }) },
  ],
  [
    "CL001",
    "the option of v6 and v7 for dom0's agent",
    { board: on("dom0=pvh,sci-agent-id=2 dom0_mem=1G") },
    ["CL001"],
    { board: on("dom0=pvh,sci-agent-id=2", { version: "v7" }) },
  ],
  [
    "CL002",
    "dom0's agent in the tree of a single-agent Xen",
    { host: edited(hostTree(), { "/firmware/scmi": null }), board: SINGLE },
    ["CL002"],
    { host: WITHOUT_CONTAINER, board: SINGLE },
  ],
  [
    "CL002",
    "dom0's agent in the tree of a Xen without mediator",
    { host: hostTree(), board: boardText({ xen: { mediator: "none" } }) },
    ["CL002"],
    { host: WITHOUT_CONTAINER, board: boardText({ xen: { mediator: "none" } }) },
  ],
  [
    "CL003",
    "two SCMI nodes for a single-agent Xen",
    { host: hostTree({ container: { "xen,dom0-sci-agent-id": null } }), board: SINGLE },
    ["CL003"],
    { host: WITHOUT_CONTAINER, board: SINGLE },
  ],
  [
    "FW001",
    "no BASE_DISCOVER_AGENT",
    { host: hostTree(), board: supports("discoverAgent") },
    ["FW001"],
    { host: hostTree(), board: boardText() },
  ],
  [
    "FW001",
    "a profile that serves one agent",
    { host: hostTree(), board: boardText(), baseMessages: [0, 1, 2, 3, 4, 5, 6, 9, 11] },
    ["FW001"],
    { host: hostTree(), board: boardText(), baseMessages: [0, 1, 2, 3, 4, 5, 6, 7, 9, 11] },
  ],
  [
    "FW002",
    "no BASE_SET_DEVICE_PERMISSIONS, and a device",
    { host: hostTree(), board: supports("setDevicePermissions") },
    ["FW002"],
    { host: edited(hostTree(), { "/soc/i2c@e6508000": null }), board: supports("setDevicePermissions") },
  ],
  [
    "FW003",
    "no BASE_RESET_AGENT_CONFIGURATION",
    { host: hostTree(), board: supports("resetAgentConfiguration") },
    ["FW003"],
    { host: hostTree(), board: boardText() },
  ],
  [
    "FW004",
    "a firmware that trusts another",
    { host: hostTree(), board: withFirmware({ trustedAgents: [3] }) },
    ["FW004"],
    { host: hostTree(), board: withFirmware({ trustedAgents: [1, 3] }) },
  ],
  [
    "FW004",
    "a firmware that trusts dom0",
    { host: hostTree(), board: withFirmware({ trustedAgents: [0] }) },
    ["FW004", "FW005"],
    {
      host: hostTree({ container: { "xen,dom0-sci-agent-id": null } }),
      board: withFirmware({ trustedAgents: [0, 1] }),
    },
  ],
  [
    "FW005",
    "a guest that the firmware trusts",
    {
      host: hostTree(),
      board: withFirmware({ trustedAgents: [1, 2] }),
      xlcfg: ['name = "drv"\narm_sci = "type=scmi_smc_multiagent,agent_id=2"\n'],
    },
    ["FW005"],
    {
      host: hostTree(),
      board: withFirmware({ trustedAgents: [1, 2] }),
      xlcfg: ['name = "drv"\narm_sci = "type=scmi_smc_multiagent,agent_id=3"\n'],
    },
  ],
];

describe("rules of the command line and of the firmware", () => {
  test.each(CASES)("%s: %s", (rule, _what, bad, all, good) => {
    expect(fired(bad)).toEqual(all);
    expect(all).toContain(rule);
    expect(fired(good)).toEqual([]);
  });

  test("have an example each", () => {
    const shown = new Set(CASES.map(([rule]) => rule));
    expect([...shown].sort()).toEqual(
      ["CL001", "CL002", "CL003", "FW001", "FW002", "FW003", "FW004", "FW005"].sort(),
    );
  });

  test("point into the board file", () => {
    const [finding] = findings({ host: hostTree(), board: supports("resetAgentConfiguration") });
    expect(finding).toMatchObject({ rule: "FW003", file: "board.yaml", node: null });
    const line = supports("resetAgentConfiguration").split("\n")[(finding?.line ?? 0) - 1];
    expect(line).toContain("resetAgentConfiguration");
  });

  test("say nothing of a firmware without a board", () => {
    expect(fired({ host: hostTree() })).toEqual([]);
  });
});

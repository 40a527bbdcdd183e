import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readXenLog } from "../support/traces.ts";

function read(line: string) {
  return readXenLog(`${line}\n`).records;
}

describe("what the mediator says", () => {
  test.each([
    [
      "scmi: Acquire channel id = 0xa, domain_id = 5 paddr = 0x47ff2000",
      "channel-acquired",
      { agentId: 10, domid: 5, page: 0x47ff_2000 },
    ],
    [
      "scmi: Failed to acquire SCMI channel for agent_id 3: -17",
      "channel-not-acquired",
      { agentId: 3, errno: "EEXIST" },
    ],
    [
      "scmi: could not assign dev for d5 agent:3 dev_id:7 (-13)",
      "assignment-failed",
      { domid: 5, agentId: 3, deviceId: 7, errno: "EACCES" },
    ],
    ["scmi: Free domain 5", "domain-freed", { domid: 5 }],
    [
      "scmi: agent_id = 0 msg_id = b type = 0, proto = 10",
      "message-sent",
      { agentId: 0, message: 11, type: 0, protocol: 16 },
    ],
    [
      "scmi: get smc response agent_id = 0 msg_id = b proto = 10 res=-95",
      "message-answered",
      { agentId: 0, message: 11, protocol: 16, errno: "EOPNOTSUPP" },
    ],
    ["scmi: get smc response agent_id = 0 msg_id = 9 proto = 10 res=0", "message-answered", { errno: 0 }],
    ["scmi: Error received: -16", "error-received", { errno: "EBUSY" }],
    ["scmi: Error received: -9999", "error-received", { errno: -9999 }],
    [
      "scmi: Agent 2 SMC 82000004 addr 47ff2000",
      "agent-listed",
      { agentId: 2, funcId: 0x8200_0004, page: 0x47ff_2000 },
    ],
    ["scmi: Unable to get Hypervisor scmi channel for domain 4", "no-management-channel", { domid: 4 }],
    [
      "scmi: No scmi-secondary-agents property found, no agents to collect.",
      "agents-missing",
      { property: "scmi-secondary-agents" },
    ],
    ["SCMI: d1 init", "domain-initialised", { domid: 1 }],
    ["d3v0 SCMI: Unprivileged access attempt", "access-unprivileged", { domid: 3 }],
    ["SCMI: something that a later Xen says", "other", {}],
  ])("%s", (text, message, fields) => {
    expect(read(`(XEN) ${text}`)).toMatchObject([{ line: 1, timeUs: null, message, fields, text }]);
  });
});

test("times, terminals and messages without an end of their own", () => {
  expect(read("(XEN) [    2.000071] scmi: Free domain 5")).toMatchObject([{ timeUs: 2_000_071 }]);
  expect(read("(XEN) [2026-11-20 21:48:01] scmi: Free domain 5")).toMatchObject([
    { timeUs: null, message: "domain-freed" },
  ]);
  expect(read("[2026-11-20 21:48:01] (XEN) scmi: Free domain 5\r")).toMatchObject([
    { text: "scmi: Free domain 5" },
  ]);
  expect(
    read("(XEN) scmi: could not assign dev for d5 agent:3 dev_id:7 (-13)(XEN) scmi: Free domain 5"),
  ).toMatchObject([{ message: "assignment-failed" }, { message: "domain-freed" }]);
});

test("what guests say, and the rest of Xen, is passed over; a broken prefix is told", () => {
  const text = [
    "(XEN) Brought up 4 CPUs",
    "[    0.668315] arm-scmi firmware:scmi: SCMI Protocol v2.0",
    "(XE scmi: Free domain 5",
    "EN) scmi: Free XEN",
    "(XEN) scmi: Free domain 6",
  ];
  expect(readXenLog(text.join("\n"))).toMatchObject({
    lines: 5,
    otherLines: 3,
    damaged: 1,
    faults: [{ line: 4 }],
    records: [{ line: 5 }],
  });
});

test("any noise is read to its end", () => {
  const piece = fc.oneof(
    fc.constantFrom("(XEN) ", "scmi: ", "SCMI: d1 init", "scmi: Free domain 5", "\n", "[", "0x"),
    fc.string({ maxLength: 20 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
      const { records, lines, otherLines, damaged } = readXenLog(pieces.join(""));
      expect(records.length + otherLines + damaged).toBeGreaterThanOrEqual(lines);
    }),
  );
});

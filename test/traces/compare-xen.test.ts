import { describe, expect, test } from "vitest";
import { isProblem } from "#base/problem.ts";
import { Comparer } from "#traces/compare/compare.ts";
import { XEN_MESSAGES } from "#traces/xen-log/messages.ts";
import { hostWith } from "../support/scenario.ts";
import { singleAgent } from "../support/single-agent.ts";
import { readXenLog } from "../support/traces.ts";
import { twoGuests } from "../support/two-guests.ts";

const multi = await twoGuests();

function compared(lines: readonly string[], host = multi, xlcfgs: readonly string[] = []) {
  const comparer = Comparer.of(host, { agentId: null, xlcfgs });
  if (isProblem(comparer)) throw new Error(comparer.detail);
  const { records } = readXenLog(lines.map((line) => `(XEN) ${line}\n`).join(""));
  for (const [i, record] of records.entries()) {
    comparer.take({ type: "xen.observed", seq: i + 2, agentId: null, data: { trace: 1, ...record } });
  }
  return comparer.result();
}

const ACQUIRED = "scmi: Acquire channel id = 0x2, domain_id = 7 paddr = 0x47ff2000";

describe("a board that does as the model does", () => {
  test("boots alike, gives channels alike, refuses alike", () => {
    const found = compared([
      "scmi: get smc response agent_id = -1 msg_id = 7 proto = 10 res=0",
      "scmi: Got agent count 4",
      "scmi: Agent 2 SMC 82000004 addr 47ff2000",
      "id=0x2 name=red",
      "scmi: Got shmem 47ff3000 after vmap",
      "scmi: Acquire channel id = 0x0, domain_id = 0 paddr = 0x47ff0000",
      ACQUIRED,
      "scmi: Failed to acquire SCMI channel for agent_id 2: -17",
      "scmi: Free domain 7",
      ACQUIRED.replace("= 7", "= 8"),
    ]);
    expect(found).toMatchObject({ xen: { same: 10, different: 0 }, groups: [], notPlayed: {} });
  });

  test("of a guest that was created before it is the same domain, under the model's own domid", async () => {
    const xlcfg = 'name = "red"\narm_sci = "type=scmi_smc_multiagent,agent_id=2"\n';
    expect(compared([ACQUIRED, "scmi: Free domain 7"], multi, [xlcfg])).toMatchObject({
      xen: { same: 2 },
      groups: [],
    });
  });
});

describe("differences", () => {
  test("an assignment that the board's firmware denies is sent again, and taken back where the model grants it", () => {
    const denied = "scmi: could not assign dev for d7 agent:2 dev_id:1 (-13)";
    const unknown = "scmi: could not assign dev for d7 agent:2 dev_id:9 (-2)";
    const { xen, groups } = compared([ACQUIRED, denied, denied, unknown]);
    expect(xen).toEqual({ same: 2, different: 2 });
    expect(groups).toMatchObject([
      {
        ...{ agentId: 2, message: "Xen's line assignment-failed", count: 2 },
        cause: "board EACCES, model SUCCESS",
        first: { seq: 3, line: 2, request: denied, board: "EACCES", model: "SUCCESS" },
      },
    ]);
  });

  test("a page, an agent and a list that are others'", () => {
    const { groups } = compared([
      ACQUIRED.replace("47ff2000", "47ff3000"),
      "scmi: Agent 3 SMC 82000009 addr 47ff3000",
      "scmi: Got agent count 5",
      "id=0x3 name=green",
      "scmi: xen,sci node not found",
      ACQUIRED.replace("0x2", "0x9").replace("= 7", "= 9"),
    ]);
    expect(groups.map(({ cause }) => cause)).toEqual([
      "board domain has agent 2 at 0x47ff3000, model domain has agent 2 at 0x47ff2000",
      "board agent 3 SMC 0x82000009 page 0x47ff3000, model agent 3 SMC 0x82000005 page 0x47ff3000",
      "board 5 agents, model 4 agents",
      'board agent 3 is "green", model agent 3 is "blue"',
      "board the probe fails: container-missing, model the multi-agent mediator probes",
      expect.stringMatching(/^board domain has agent 9 at 0x47ff2000, model ENOENT: /),
    ]);
  });

  test("one agent for two domains, and a refusal that the model does not know", () => {
    const { groups } = compared([
      ACQUIRED,
      ACQUIRED.replace("= 7", "= 8"),
      "scmi: Failed to acquire SCMI channel for agent_id 3: -17",
      "scmi: Unable to get Hypervisor scmi channel for domain 7",
    ]);
    expect(groups.map(({ cause }) => cause)).toEqual([
      expect.stringMatching(/model EEXIST: /),
      "board EEXIST, model the domain gets its channel",
      "board Xen has no channel of its own, model Xen has its own channel",
    ]);
    // Agent 3 is free again: the model's domain was only to see.
    expect(
      compared(["scmi: Failed to acquire SCMI channel for agent_id 3: -17", ACQUIRED.replace("0x2", "0x3")])
        .groups,
    ).toHaveLength(2);
  });

  test("a reset that the board's firmware fails belongs to the domain that was freed", () => {
    const { xen, groups, notPlayed } = compared([
      ACQUIRED,
      "scmi: Free domain 7",
      "scmi: agent_id = 1 msg_id = b type = 0, proto = 10",
      "scmi: Error received: -16",
      "scmi: get smc response agent_id = 1 msg_id = b proto = 10 res=-16",
    ]);
    expect(xen).toEqual({ same: 2, different: 1 });
    expect(groups).toMatchObject([
      { message: "Xen's line message-answered", cause: "board EBUSY, model SUCCESS" },
    ]);
    expect(notPlayed).toEqual({
      "Xen's line message-sent: its payload is not printed; where its answer is, that is compared": 1,
      "Xen's line error-received: the next line says it again": 1,
    });
    expect(compared([ACQUIRED, "scmi: Free domain 7", "scmi: Error received: -16"]).groups).toMatchObject([
      { message: "Xen's line error-received", cause: "board EBUSY, model SUCCESS" },
    ]);
  });
});

test("an error long after a domain was freed is not that of its reset", () => {
  const { xen, notPlayed } = compared([
    ACQUIRED,
    "scmi: Free domain 7",
    ACQUIRED.replace("= 7", "= 8"),
    "scmi: Error received: -16",
    "scmi: Error received: -13",
  ]);
  expect(xen).toEqual({ same: 3, different: 0 });
  expect(Object.entries(notPlayed)).toEqual([
    [expect.stringMatching(/error-received: .* none before it is known/), 2],
  ]);
});

test("an answer that the failing assignment says again is not compared twice", () => {
  const { xen, notPlayed } = compared([
    ACQUIRED,
    "scmi: get smc response agent_id = 1 msg_id = 9 proto = 10 res=-2",
    "scmi: could not assign dev for d7 agent:2 dev_id:9 (-2)",
    "scmi: get smc response agent_id = 1 msg_id = 9 proto = 10 res=0",
  ]);
  expect(xen).toEqual({ same: 2, different: 0 });
  expect(notPlayed).toEqual({
    "Xen's line message-answered: the next line says it again": 1,
    "Xen's line message-answered: its payload is not printed": 1,
  });
});

test("the single-agent mediator's lines: who owns SCMI, and who may not ring", async () => {
  const single = hostWith(singleAgent());
  const refused = "d3v0 SCMI: Unprivileged access attempt";
  expect(compared(["SCMI: d0 init", refused], single)).toMatchObject({
    xen: { same: 2, different: 0 },
    groups: [],
  });
  expect(compared(["SCMI: d5 init"], single).groups[0]?.cause).toMatch(/^board the domain owns SCMI, model /);
  expect(compared([refused]).notPlayed).toEqual({
    "Xen's line access-unprivileged: the model's mediator is not the single-agent one": 1,
  });
});

test("every line that is known is played or has a reason why not, and none is lost", () => {
  const lines = XEN_MESSAGES.map(({ pattern }) => sampleOf(pattern.source));
  const { xen, notPlayed } = compared([...lines, "SCMI: what a later Xen says"]);
  const others = Object.values(notPlayed).reduce((sum, count) => sum + count, 0);
  expect(xen.same + xen.different + others).toBe(lines.length + 1);
  expect(Object.keys(notPlayed).filter((reason) => reason.includes("nobody here knows"))).toEqual([
    "Xen's line other: nobody here knows what it means",
  ]);
});

/** A line that a pattern fits. */
function sampleOf(pattern: string): string {
  return pattern
    .replace(/^\^/, "")
    .replaceAll(/\(-\?\\d\+\)/g, "-22")
    .replaceAll(/\((?:\\d\+|\[[^\]]*\]\+)\)/g, "2")
    .replaceAll(/\(\\S\{1,64\}\)|\(\.\{0,\d+\}\??\)/g, "word")
    .replaceAll("\\d+", "0")
    .replaceAll(".*", " ")
    .replaceAll("\\", "");
}

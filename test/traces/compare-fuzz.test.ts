import fc from "fast-check";
import { expect, test } from "vitest";
import { isProblem } from "#base/problem.ts";
import type { ScmiObserved } from "#events/observed.ts";
import { Comparer } from "#traces/compare/compare.ts";
import { hostWith } from "../support/scenario.ts";
import { singleAgent } from "../support/single-agent.ts";
import { talking } from "../support/talking.ts";
import { readXenLog } from "../support/traces.ts";

const HOSTS = [await talking(), hostWith(singleAgent())];

const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array).toString("hex"));
const status = fc.option(fc.constantFrom(0, -1, -3, -6, -10, 7), { nil: null });

/** What a damaged trace may say: any message of any protocol, whole or not. */
const observed: fc.Arbitrary<ScmiObserved> = fc.record({
  trace: fc.constantFrom(1, 9),
  line: fc.integer({ min: 1, max: 99 }),
  timeUs: fc.constant(null),
  endTimeUs: fc.constant(null),
  kind: fc.constantFrom(
    "exchange" as const,
    "delayed" as const,
    "notification" as const,
    "rejected" as const,
  ),
  protocolId: fc.oneof(fc.integer({ min: 0x10, max: 0x19 }), fc.nat(0xff)),
  messageId: fc.oneof(fc.nat(0x10), fc.nat(0xff)),
  token: fc.nat(3),
  instance: fc.constant(null),
  channel: fc.constant(null),
  task: fc.constant(null),
  request: fc.option(fc.oneof(bytes, fc.constant("00".repeat(5000))), { nil: null }),
  status,
  response: fc.option(bytes, { nil: null }),
  outcome: fc.constantFrom(
    "answered" as const,
    "ended" as const,
    "failed" as const,
    "timed-out" as const,
    "not-sent" as const,
    "open" as const,
  ),
  errno: fc.option(fc.constantFrom(0, -5, -110), { nil: null }),
});

test("whatever a trace says is compared, or counted with a reason", () => {
  const messages = fc.array(fc.tuple(fc.constantFrom(null, 0, 2, 3, 77), observed), { maxLength: 30 });
  fc.assert(
    fc.property(messages, fc.constantFrom(...HOSTS), (items, host) => {
      const comparer = Comparer.of(host, { agentId: null, xlcfgs: [] });
      if (isProblem(comparer)) throw new Error(comparer.detail);
      for (const [i, [agentId, data]] of items.entries()) {
        comparer.take({ type: "scmi.observed", seq: i + 2, agentId, data });
      }
      const { played, delayed, notPlayed, groups } = comparer.result();
      const others = Object.values(notPlayed).reduce((sum, count) => sum + count, 0);
      const commands = items.filter(([, { kind }]) => kind !== "notification").length;
      expect(played + delayed.same + delayed.different + others).toBeGreaterThanOrEqual(commands);
      expect(groups.every(({ first }) => first.seq >= 2)).toBe(true);
    }),
    { numRuns: 150 },
  );
});

test("whatever Xen says is compared, or counted with a reason", () => {
  const number = fc.constantFrom("0", "1", "2", "7", "255", "99999", "4294967295", "99999999999999999999");
  const line = fc
    .tuple(fc.nat(11), number, number, fc.constantFrom("0", "-13", "-17", "-9999"))
    .map(
      ([kind, a, b, errno]) =>
        [
          `scmi: Acquire channel id = 0x${a}, domain_id = ${b} paddr = 0x47ff2000`,
          `scmi: Failed to acquire SCMI channel for agent_id ${a}: ${errno}`,
          `scmi: Free domain ${b}`,
          `SCMI: d${b} init`,
          `SCMI: d${b} destroy`,
          `d${b}v0 SCMI: Unprivileged access attempt`,
          `scmi: could not assign dev for d${a} agent:${b} dev_id:${a} (${errno})`,
          `scmi: get smc response agent_id = ${a} msg_id = b proto = 10 res=${errno}`,
          `scmi: Error received: ${errno}`,
          `scmi: Agent ${a} SMC 82000004 addr ${b}`,
          `scmi: Unable to get Hypervisor scmi channel for domain ${a}`,
          `id=0x${a} name=red`,
        ][kind] as string,
    );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 25 }), fc.constantFrom(...HOSTS), (lines, host) => {
      const comparer = Comparer.of(host, { agentId: null, xlcfgs: [] });
      if (isProblem(comparer)) throw new Error(comparer.detail);
      const { records } = readXenLog(lines.map((text) => `(XEN) ${text}\n`).join(""));
      for (const [i, record] of records.entries()) {
        comparer.take({ type: "xen.observed", seq: i + 2, agentId: null, data: { trace: 1, ...record } });
      }
      const { xen, notPlayed } = comparer.result();
      const others = Object.values(notPlayed).reduce((sum, count) => sum + count, 0);
      expect(xen.same + xen.different + others).toBe(lines.length);
    }),
    { numRuns: 150 },
  );
});

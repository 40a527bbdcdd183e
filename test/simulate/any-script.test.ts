import fc from "fast-check";
import { expect, test } from "vitest";
import { runs } from "../support/runs.ts";
import { hostWith } from "../support/scenario.ts";
import { script } from "../support/script.ts";
import { PASSTHROUGH, singleAgent } from "../support/single-agent.ts";
import { twoGuests } from "../support/two-guests.ts";

const RUNS = runs(60, 3000);

const hex = (bytesMax: number) =>
  fc.uint8Array({ maxLength: bytesMax }).map((bytes) => Buffer.from(bytes).toString("hex"));
const domid = fc.oneof(fc.integer({ min: 0, max: 4 }), fc.constantFrom("red", "blue", "Domain-0"));
const agentId = fc.integer({ min: 0, max: 4 });
const path = fc.constantFrom("/soc/gpu@20000000", "/soc/i2c@10001000", "/soc/timer@10000000", "/none");
const register = fc.oneof(fc.constantFrom("0x82000002", "0x82000004", "0x82000005"), fc.maxSafeNat());
const message = fc.constantFrom(
  "BASE_SET_DEVICE_PERMISSIONS",
  "BASE_RESET_AGENT_CONFIGURATION",
  "BASE_DISCOVER_AGENT",
);
const times = fc.integer({ min: 1, max: 2 });

/** A page that looks like a message, more often than not. */
const page = fc.oneof(
  hex(64),
  fc
    .tuple(fc.constantFrom("09400000", "0b400000", "07400000", "00400000", "06500000"), hex(16))
    .map(([header, payload]) => {
      const length = (4 + payload.length / 2).toString(16).padStart(2, "0");
      return `${"00".repeat(20)}${length}000000${header}${payload}`;
    }),
);

const command = fc.oneof(
  fc.record({
    do: fc.constant("domain.create"),
    name: fc.constantFrom("red", "blue"),
    sci: fc.record({ type: fc.constantFrom("none", "scmi_smc", "scmi_smc_multiagent"), agentId }),
    dtdev: fc.array(path, { maxLength: 2 }),
  }),
  fc.record({ do: fc.constantFrom("domain.destroy", "domain.restart"), domid }),
  fc.record({
    do: fc.constant("domain.shutdown"),
    domid,
    reason: fc.constantFrom("poweroff", "reboot", "crash"),
  }),
  fc.record({ do: fc.constant("device.assign"), domid, path }),
  fc.record({ do: fc.constant("smc"), domid, x: fc.array(register, { maxLength: 8 }), shmem: page }),
  fc.record({
    do: fc.constant("scmi"),
    domid,
    protocol: fc.constantFrom("base", "clock", 0x11, 0x99),
    message: fc.integer({ min: 0, max: 12 }),
    payload: hex(24),
  }),
  fc.record({ do: fc.constant("agent.reset"), agentId, permissions: fc.boolean() }),
  fc.record({ do: fc.constant("permission.set"), agentId, deviceId: agentId, allowed: fc.boolean() }),
  fc.record({ do: fc.constant("firmware.ring"), agentId, shmem: page }),
  fc.record({ do: fc.constantFrom("firmware.reset", "firmware.clear-faults", "host.reboot") }),
  fc.record(
    {
      do: fc.constant("firmware.fault"),
      action: fc.constantFrom("status", "x0", "busy", "error", "length", "pad"),
      value: fc.integer({ min: -12, max: 200 }),
      message,
      times,
    },
    { requiredKeys: ["do", "action", "value"] },
  ),
  fc.oneof(fc.json(), fc.string()),
);

test("any script is answered line by line, densely, without a bug, and twice alike", async () => {
  const hosts = [await twoGuests(), hostWith(singleAgent()), hostWith(singleAgent(PASSTHROUGH))];
  const someHost = fc.constantFrom(...hosts);
  fc.assert(
    fc.property(someHost, fc.array(command, { maxLength: 30 }), fc.boolean(), (host, commands, isBooted) => {
      const start = isBooted ? "booted" : "power-on";
      const [first, second] = [script(host, start), script(host, start)];
      let seq: number | null = null;
      for (const line of commands) {
        const answer = first.do(line);
        if (answer === null) continue;
        expect(second.do(line)).toEqual(answer);
        expect(answer.ok ? answer.result : answer.problem.code).not.toBe("internal-error");
        for (const event of answer.events) {
          if (seq !== null) expect(event.seq).toBe(seq + 1);
          seq = event.seq;
        }
      }
    }),
    { numRuns: RUNS },
  );
});

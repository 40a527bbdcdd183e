import { describe, expect, test } from "vitest";
import { booted, funcIdOf, type HostOptions } from "../support/scenario.ts";

const ONES = "0xffffffffffffffff";

/** A guest with agent 2 rings this function id. */
function ring(funcId: number | bigint, options: HostOptions = {}, agentId: number | null = 2) {
  const scenario = booted(options);
  scenario.create("red", agentId);
  return scenario.smc("red", funcId, 1n, 2n, 3n, 4n);
}

describe("an SMC that is not handled: x0 is all ones, x1 to x3 are the guest's (§5.1, §5.2)", () => {
  test.each<[string, string, number | bigint, HostOptions, number | null]>([
    ["owner-not-sip", "an id of the standard service", 0x8400_0000, {}, 2],
    ["owner-not-sip", "an id of the hypervisor service", 0x8500_0002, {}, 2],
    ["owner-not-sip", "an architecture call", 0x8000_0000, {}, 2],
    ["owner-not-sip", "a PSCI 0.1 id", 0, {}, 2],
    ["owner-not-sip", "an OEM id", 0x8300_0004, {}, 2],
    ["no-mediator", "no mediator registered", funcIdOf(2), { xen: { acpi: true } }, 2],
    ["sci-off", "a domain without SCI", funcIdOf(2), {}, null],
    ["foreign-function-id", "another agent's id", funcIdOf(3), {}, 2],
    ["foreign-function-id", "Xen's own id", funcIdOf(1), {}, 2],
    ["foreign-function-id", "the same id in the 64-bit convention", 0xc200_0004, {}, 2],
    ["foreign-function-id", "the same id as a yielding call", 0x0200_0004, {}, 2],
  ])("%s: %s", (reason, _, funcId, options, agentId) => {
    const answer = ring(funcId, options, agentId);
    expect(answer.types).toEqual(["smc.refused"]);
    expect(answer.the("smc.refused")).toMatchObject({ reason, origin: "domain" });
    expect(answer.result).toMatchObject({ handled: false, x: [ONES, "0x1", "0x2", "0x3"] });
  });

  test("the reasons in their order: one fault more is mended with each row", () => {
    const reason = (funcId: number, options: HostOptions, agentId: number | null): string =>
      ring(funcId, options, agentId).the("smc.refused").reason;
    expect([
      reason(0x8400_0003, { xen: { acpi: true } }, null),
      reason(funcIdOf(3), { xen: { acpi: true } }, null),
      reason(funcIdOf(3), {}, null),
      reason(funcIdOf(3), {}, 2),
    ]).toEqual(["owner-not-sip", "no-mediator", "sci-off", "foreign-function-id"]);
  });
});

describe("an SMC that is forwarded", () => {
  test("the firmware gets the id in 32 bits and the guest's x1 to x7, and the guest gets its x0 to x3", () => {
    const answer = ring(0xdead_beef_0000_0000n | BigInt(funcIdOf(2)));
    expect(answer.the("smc.forwarded")).toMatchObject({
      origin: "domain",
      caller: 2,
      x: [0x8200_0004n, 1n, 2n, 3n, 4n, 0n, 0n, 0n],
      xOut: [0n, 0n, 0n, 0n],
    });
    expect(answer.result).toMatchObject({ handled: true, x: ["0x0", "0x0", "0x0", "0x0"] });
  });

  test("profile ref leaves x1 to x3 as the caller passed them", () => {
    const answer = ring(funcIdOf(2), { firmware: { profile: "ref" } });
    expect(answer.result.x).toEqual(["0x0", "0x1", "0x2", "0x3"]);
  });

  test("the firmware's own -1 looks like Xen's, but is handled", () => {
    const scenario = booted();
    scenario.create("red", 2);
    scenario.fault({ action: "x0", value: 0xffff_ffff_ffff_ffffn, funcId: funcIdOf(2) });
    expect(scenario.smc("red", funcIdOf(2)).result).toMatchObject({
      handled: true,
      x: [ONES, "0x0", "0x0", "0x0"],
    });
  });

  test("a row that repeats the management function id lets that guest ring Xen's doorbell", () => {
    const rows = [funcIdOf(0), 1, 0, funcIdOf(1), 3, 2];
    const answer = ring(funcIdOf(1), { container: { "scmi-secondary-agents": rows } });
    expect(answer.the("smc.forwarded")).toMatchObject({ origin: "domain", caller: 1 });
  });

  test("what the guest wrote travels with the event, and what the page held stays", () => {
    const scenario = booted();
    scenario.create("red", 2);
    const shmem = new Uint8Array(0x1c);
    new DataView(shmem.buffer).setUint32(0x14, 4, true);
    new DataView(shmem.buffer).setUint32(0x18, 0x4000, true);
    const x = [BigInt(funcIdOf(2)), 0n, 0n, 0n, 0n, 0n, 0n, 0n];
    const answer = scenario.when({ kind: "smc", domain: "red", x, shmem });
    expect(answer.the("smc.forwarded")).toMatchObject({
      writes: [{ offset: 0, bytes: shmem }],
      request: { header: 0x4000 },
      response: { channelStatus: 1, length: 12, header: 0x4000 },
    });
    // Rung again without writing: the channel is FREE, so there is no message.
    const again = scenario.smc("red", funcIdOf(2)).the("smc.forwarded");
    expect(again.response?.channelStatus).toBe(3);
  });

  test.each(["running", "shutdown"])("only a running domain can call: %s", (state) => {
    const scenario = booted();
    const xlcfg = `name = "red"\narm_sci = "type=scmi_smc_multiagent,agent_id=2"\non_poweroff = "preserve"\n`;
    scenario.when({ kind: "domain.create", request: { xlcfg } });
    if (state === "shutdown") scenario.when({ kind: "domain.shutdown", domain: "red", reason: "poweroff" });
    const { problem } = scenario.smc("red", funcIdOf(2));
    expect(problem?.code).toBe(state === "shutdown" ? "domain-not-running" : undefined);
  });
});

import { describe, expect, test } from "vitest";
import type { HostDescription } from "#config/board/board.ts";
import type { Command } from "#machine/commands/commands.ts";
import { stateView } from "#machine/state/snapshot.ts";
import type { MachineState } from "#machine/state/state.ts";
import { stateWords } from "#machine/words/state-words.ts";
import { Random } from "../support/random.ts";
import { randomCommand } from "../support/random-commands.ts";
import { Recording } from "../support/recording.ts";
import { hostWith } from "../support/scenario.ts";
import { PASSTHROUGH, singleAgent } from "../support/single-agent.ts";
import { talking } from "../support/talking.ts";
import { twoGuests } from "../support/two-guests.ts";

/** JSON pointers of everything in a state, each with its value. */
function leaves(value: unknown, pointer = ""): [string, unknown][] {
  if (value === null || typeof value !== "object") return [[pointer, value]];
  return Object.entries(value).flatMap(([key, inner]) =>
    leaves(inner, `${pointer}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`),
  );
}

/** Pointers of what is another in one of two states. */
function differing(before: MachineState, after: MachineState): string[] {
  const [was, is] = [before, after].map((state) => new Map(leaves(stateView(state))));
  return [...new Set([...(was?.keys() ?? []), ...(is?.keys() ?? [])])]
    .filter((pointer) => was?.get(pointer) !== is?.get(pointer))
    .sort();
}

describe("nothing is left out, and nothing is said twice", () => {
  const boards: Promise<HostDescription[]> = Promise.all([
    twoGuests({ profile: "ref" }),
    talking(),
    twoGuests({ deviceOwnership: "exclusive" }, { version: "v8" }),
    hostWith(),
    hostWith(singleAgent(PASSTHROUGH, {}, { firmware: { trustedAgents: [0] } })),
  ]);

  test.each([0, 1, 2, 3, 4])("between random moments of a random history (board %i)", async (which) => {
    const all = await boards;
    const random = new Random(which + 7);
    const log = new Recording(all[which] as HostDescription);
    for (let i = 0; i < 120; i += 1) log.do(randomCommand(random, log.machine.state, all));
    const moments = [0, log.machine.seq, ...Array.from({ length: 6 }, () => random.below(log.machine.seq))];
    const states = moments.map((at) => log.rebuilt(at).state);
    for (const before of states) {
      for (const after of states) {
        const sentences = stateWords(before, after);
        expect(sentences.flatMap(({ pointers }) => pointers).sort()).toEqual(differing(before, after));
        for (const { text } of sentences) {
          expect(text).not.toMatch(/undefined|NaN|\[object|\n/);
          expect(text.length).toBeGreaterThan(5);
        }
      }
    }
  });
});

describe("what people do, in words", () => {
  const create = (name: string, agentId: number, ...dtdev: string[]): Command => ({
    kind: "domain.create",
    request: { name, sci: { type: "scmi_smc_multiagent", agentId }, dtdev, passthrough: null, uuid: null },
  });

  async function words(before: readonly Command[], ...commands: readonly Command[]): Promise<string[]> {
    const log = new Recording(await twoGuests());
    for (const command of before) log.do(command);
    const from = log.rebuilt().state;
    for (const command of commands) log.do(command);
    return stateWords(from, log.machine.state).map(({ text }) => text);
  }

  const red = create("red", 2, "/soc/gpu@20000000");
  const clock = (message: string, params: { readonly [name: string]: unknown }): Command => ({
    kind: "scmi",
    domain: "red",
    call: { protocol: "clock", message, params },
  });

  test("a domain with a device is created", async () => {
    expect(await words([], red)).toEqual([
      "the last domid that was given out: 0 → 1",
      "the channel of agent 2 (red) went from free to domain 1 (red)",
      "domain 1 (red) was created by event 12",
      "domain 1 (red) has /soc/gpu@20000000, and was granted device 1 (gpu)",
      "/soc/gpu@20000000 is domain 1 (red)'s behind the IOMMU",
      "dom0 may map 0x47ff2000 for a guest",
      "agent 2 (red) may now use device 1 (gpu), since event 13",
      "the page of agent 1 (xen) at 0x47ff1000: 1 byte changed",
    ]);
  });

  test("a guest sets a clock's rate and starts it", async () => {
    const rate = clock("CLOCK_RATE_SET", { flags: 0, clockId: 1, rate: 500_000_000 });
    const start = clock("CLOCK_CONFIG_SET", { clockId: 1, attributes: 1 });
    expect(await words([red], rate, start)).toEqual([
      "clock 1 (gpu): rate 400 MHz → 500 MHz",
      "clock 1 (gpu) runs",
      "agent 2 (red) wants clock 1 (gpu) on",
      "the page of agent 2 (red) at 0x47ff2000: 6 bytes changed",
    ]);
  });

  test("a domain is destroyed", async () => {
    expect(await words([red], { kind: "domain.destroy", domain: "red" })).toEqual([
      "the channel of agent 2 (red) went from domain 1 (red) to free",
      "domain 1 (red) is gone",
      "domain 1 (red) has /soc/gpu@20000000 no more",
      "/soc/gpu@20000000 is nobody's behind the IOMMU",
      "what agent 2 (red) may do with device 1 (gpu) is as at power-on again",
      "the page of agent 1 (xen) at 0x47ff1000: 1 byte changed",
    ]);
  });

  test("somebody grants a device, and another domain takes a domid", async () => {
    const granted = await words([red], { kind: "permission.set", agentId: 3, deviceId: 0, allowed: true });
    expect(granted).toContain(
      "agent 3 (blue) may now use device 0 (i2c1), granted outside an assignment, since event 15",
    );
    const rebooted = await words([red], { kind: "host.reboot", cause: "cold" }, create("blue", 3));
    expect(rebooted).toContain("the host is in another boot: 1 → 2");
    expect(rebooted.find((text) => text.startsWith("domain 1 (blue) is"))).toMatch(
      /^domain 1 \(blue\) is another domain, created by event \d+; it was red$/,
    );
    expect(rebooted).toContain("the channel of agent 2 (red) went from domain 1 (red) to free");
    expect(rebooted).toContain("domain 1 (red) has /soc/gpu@20000000 no more");
  });

  test("a guest whose message is too long for its page leaves an error there", async () => {
    const page = new Uint8Array(28);
    new DataView(page.buffer).setUint32(0x14, 0x2000, true);
    const x = [0x8200_0004n, 0n, 0n, 0n, 0n, 0n, 0n, 0n];
    const said = await words([red], { kind: "smc", domain: "red", x, shmem: page });
    expect(said.find((text) => text.includes("the channel went"))).toMatch(
      /^the page of agent 2 \(red\) at 0x47ff2000: \d+ bytes changed, and the channel went from free to /,
    );
  });

  test("what nobody has words for is told by its path", async () => {
    const log = new Recording(await twoGuests());
    const { state } = log.rebuilt();
    const vendor = log.rebuilt().state;
    vendor.firmware.vendor.set(0x84, "cell/one", 7);
    vendor.firmware.clock.set(1, "extended1", 5);
    expect(stateWords(state, vendor)).toEqual([
      { text: "firmware.clock[1].extended1 is new: 5", pointers: ["/firmware/clock/1/extended1"] },
      {
        text: 'firmware.vendor[132]["cell/one"] is new: 7',
        pointers: ["/firmware/vendor/132/cell~1one"],
      },
    ]);
    expect(stateWords(vendor, state).map(({ text }) => text)).toEqual([
      "firmware.clock[1].extended1 is gone: it was 5",
      'firmware.vendor[132]["cell/one"] is gone: it was 7',
    ]);
  });
});

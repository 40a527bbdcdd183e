import { join } from "node:path";
import { Control } from "#control/control.ts";
import type { Command } from "#machine/commands/commands.ts";
import { whole } from "./rest.ts";
import { scratchFolder } from "./scmictl.ts";
import { twoGuests } from "./two-guests.ts";

const SUPPORTS = {
  discoverAgent: true,
  setDevicePermissions: true,
  setProtocolPermissions: false,
  resetAgentConfiguration: false,
};

const GPU = "/soc/gpu@20000000";
const fields = { dtdev: [], passthrough: null, uuid: null };
const agent = (agentId: number) => ({ type: "scmi_smc_multiagent", agentId });

function create(name: string, agentId: number, dtdev: readonly string[] = []): Command {
  return { kind: "domain.create", request: { ...fields, name, sci: agent(agentId), dtdev } };
}

function setGpuClock(domain: string, rate: bigint): Command {
  const params = { flags: 0, clockId: 1, rate: `0x${rate.toString(16)}` };
  return { kind: "scmi", domain, call: { protocol: "clock", message: "CLOCK_RATE_SET", params } };
}

/** What happened: when (March 2027, UTC), who, what, why. */
const STORY: readonly (readonly [time: string, actor: string, command: Command, reason: string | null])[] = [
  ["01T09:15", "otto", create("red", 2, [GPU]), "graphics demo"],
  ["01T09:16", "otto", setGpuClock("red", 600_000_000n), null],
  ["02T11:02", "otto", setGpuClock("red", 800_000_000n), null],
  ["02T17:40", "otto", { kind: "domain.destroy", domain: "red" }, "demo is over"],
  ["03T08:00", "otto", create("blue", 3), null],
  ["03T10:05", "otto", create("green", 2), "trying the new image"],
  ["03T11:30", "otto", setGpuClock("blue", 200_000_000n), null],
  ["03T11:31", "otto", setGpuClock("green", 200_000_000n), null],
  [
    "03T16:20",
    "ada",
    { kind: "permission.set", agentId: 2, deviceId: 1, allowed: false },
    "left behind by red",
  ],
];

/** The log of docs/auditing.md's investigation, `board.db` in a folder of its own: its firmware cannot reset agents. */
export async function investigation(): Promise<{ readonly folder: string; remove(): void }> {
  const { path: folder, remove } = scratchFolder();
  let nowUs = Date.parse("2027-03-01T08:00:00Z") * 1000;
  const control = whole(
    await Control.open({
      file: join(folder, "board.db"),
      description: await twoGuests({ supports: SUPPORTS }),
      newBoard: false,
      clock: () => nowUs,
      program: "0.1.0",
    }),
  );
  for (const [time, actor, command, reason] of STORY) {
    nowUs = Date.parse(`2027-03-${time}:00Z`) * 1000;
    await control.submit(command, { actor, source: "rest", reason, request: null });
  }
  await control.close();
  return { folder, remove };
}

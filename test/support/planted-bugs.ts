import { join } from "node:path";
import { isProblem } from "#base/problem.ts";
import { VERSION } from "#cli/version.ts";
import type { HostDescription } from "#config/board/board.ts";
import type { Command } from "#machine/commands/commands.ts";
import { type Fault, FaultList } from "#machine/fault-list.ts";
import { openForWriting } from "#store/database.ts";
import { Recording } from "./recording.ts";
import { scratchFolder } from "./scmictl.ts";
import { twoGuests } from "./two-guests.ts";

const fields = { passthrough: null, uuid: null };

function create(name: string, agentId: number, ...dtdev: string[]): Command {
  return {
    kind: "domain.create",
    request: { ...fields, name, sci: { type: "scmi_smc_multiagent", agentId }, dtdev },
  };
}

function scmi(domain: string, message: string, params: { readonly [name: string]: unknown }): Command {
  return { kind: "scmi", domain, call: { protocol: "clock", message, params } };
}

/** Two guests at work, as they are on any day. */
function everyday(): Command[] {
  return Array.from({ length: 40 }, (_, i) =>
    scmi(i % 2 === 0 ? "red" : "blue", "CLOCK_RATE_GET", { clockId: i % 3 }),
  );
}

const SUPPORTS = { discoverAgent: true, setDevicePermissions: true, setProtocolPermissions: false };

/** A log with something wrong in it, at `file`. */
function record(file: string, host: HostDescription, commands: readonly Command[], fault?: Fault): void {
  const db = openForWriting(file);
  if (isProblem(db)) throw new Error(db.detail);
  const faults = new FaultList();
  const recording = new Recording(host, { db, projected: true, faults, program: VERSION });
  // Only once dom0 is there: its claims would panic the host.
  if (fault !== undefined) faults.add(fault, 1);
  for (const command of commands) recording.do(command);
  recording.project();
  db.close();
}

/** The logs of docs/debugging.md's three bugs, in a folder of their own. */
export async function plantedBugs(): Promise<{ readonly folder: string; remove(): void }> {
  const { path: folder, remove } = scratchFolder();
  const guests = [create("red", 2, "/soc/gpu@20000000"), create("blue", 3, "/soc/i2c@10001000")];
  // blue's device tree has red's arm,smc-id.
  const ringing: Command = {
    kind: "smc",
    domain: "blue",
    x: [0x8200_0004n, 0n, 0n, 0n, 0n, 0n, 0n, 0n],
    shmem: null,
  };
  record(join(folder, "neighbour.db"), await twoGuests(), [
    ...guests,
    ...everyday(),
    ringing,
    ringing,
    ringing,
  ]);

  const withoutReset = await twoGuests({ supports: { ...SUPPORTS, resetAgentConfiguration: false } });
  record(join(folder, "left-behind.db"), withoutReset, [
    ...guests,
    ...everyday(),
    { kind: "domain.destroy", domain: "red" },
    create("green", 2),
    scmi("green", "CLOCK_RATE_SET", { flags: 0, clockId: 1, rate: "0xbebc200" }),
  ]);

  const hardwareError: Fault = { action: "status", value: -9, message: "BASE_SET_DEVICE_PERMISSIONS" };
  record(join(folder, "hardware-error.db"), await twoGuests(), [...guests, ...everyday()], hardwareError);
  return { folder, remove };
}

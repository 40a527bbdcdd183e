import { readdirSync, readFileSync } from "node:fs";
import type { HostDescription } from "#config/board/board.ts";
import type { MachineEvent } from "#events/types.ts";
import type { Command, Stamp } from "#machine/commands/commands.ts";
import type { MachineState } from "#machine/state/state.ts";
import type { Database } from "#store/database.ts";
import { goldenLog } from "../../support/golden.ts";
import { Random } from "../../support/random.ts";
import { randomCommand } from "../../support/random-commands.ts";
import { RECORDING_BEGINS_US, Recording } from "../../support/recording.ts";
import { hostsOfEveryFirmware, hostsOfEverySort } from "./hosts.ts";
import { ask, create, talk } from "./talk.ts";

/** A log that the right program recorded. */
export interface History {
  readonly name: string;
  readonly db: Database;
  /** What was decided when it was recorded; of golden logs nothing is known but what is in them. */
  readonly steps: readonly Step[];
}

/** A command with what it came to. */
export interface Step {
  readonly command: Command;
  readonly stamp: Stamp;
  readonly events: readonly MachineEvent[];
  /** The state digest after it. */
  readonly digest: Uint8Array;
}

/** Every log that mutants are tried on: the released versions' golden ones, and seeded random ones of hosts of every sort. */
export async function histories(): Promise<History[]> {
  const any = Object.entries(await hostsOfEverySort()).map(([name, host], seed) =>
    record(name, host, seed, { first: FIRST[name] ?? [], count: 300, choose: anybody }),
  );
  const talking = Object.entries(hostsOfEveryFirmware()).map(([name, host], seed) =>
    record(name, host, 100 + seed, { first: FIRST[name] ?? [], count: 1000, choose: talk }),
  );
  return [...golden(), ...any, ...talking];
}

function golden(): History[] {
  const folder = "test/golden";
  const names = readdirSync(folder).filter((name) => name.endsWith(".jsonl"));
  return names.map((name) => {
    const lines = readFileSync(`${folder}/${name}`, "utf8").trimEnd().split("\n");
    return { name: name.replace(".jsonl", ""), db: goldenLog(lines), steps: [] };
  });
}

/** What chance would take long to come to. */
const FIRST: { readonly [host: string]: readonly Command[] } = {
  "without reset": [create("red", 0)],
  "talking, page lost": [
    create("red", 2),
    // Told of two changes, of which the page takes one.
    ask("red", "CLOCK_RATE_NOTIFY", 0, 1),
    ask("red", "CLOCK_RATE_SET", 0, 0, 1_843_200, 0),
    ask("red", "CLOCK_RATE_SET", 0, 0, 24_000_000, 0),
    // Two requests that wait, of which one is taken.
    ask("red", "CLOCK_RATE_SET", 1, 0, 1_843_200, 0),
    ask("red", "CLOCK_RATE_SET", 1, 0, 1_843_200, 0),
  ],
  "all of v32": [
    create("guest-2", 2),
    ask("guest-2", "BASE_SET_DEVICE_PERMISSIONS", 3, 3, 0),
    ask("guest-2", "BASE_SET_PROTOCOL_PERMISSIONS", 3, 0, 0x14, 0),
    ask("guest-2", "SYSTEM_POWER_STATE_SET", 0, 4),
    ask("guest-2", "SENSOR_TRIP_POINT_CONFIG", 0, 0x23, 5, 0),
    ask("guest-2", "SENSOR_CONFIG_SET", 0, 1),
  ],
  "all of imx": [create("guest-1", 1), ask("guest-1", "BASE_RESET_AGENT_CONFIGURATION", 1, 0)],
  "nobody can be reset": [
    create("red", 2, "/soc/dma@3000"),
    { kind: "domain.destroy", domain: "red" },
    { kind: "device.assign", domain: "red", path: "/soc/dma@3000" },
  ],
};

/** Anybody's command, likely or not. */
function anybody(random: Random, state: MachineState, host: HostDescription): Command {
  return randomCommand(random, state, [host]);
}

/** What a log is made of. */
interface Plan {
  readonly first: readonly Command[];
  readonly count: number;
  choose(random: Random, state: MachineState, host: HostDescription): Command;
}

function record(name: string, host: HostDescription, seed: number, { first, count, choose }: Plan): History {
  const random = new Random(seed);
  const recording = new Recording(host);
  const { db, machine } = recording;
  const steps: Step[] = [];
  const take = (command: Command, events: readonly MachineEvent[]): void => {
    if (events.length === 0) return;
    const commandId = recording.commands;
    const stamp = { commandId, timeUs: RECORDING_BEGINS_US + commandId };
    steps.push({ command, stamp, events, digest: machine.digest() });
  };
  db.exec("BEGIN");
  take({ kind: "host.configure", description: host }, recording.configured.events);
  for (let i = 0; i < first.length + count; i += 1) {
    const command = first[i] ?? choose(random, machine.state, host);
    take(command, recording.do(command).events);
  }
  db.exec("COMMIT");
  return { name, db, steps };
}

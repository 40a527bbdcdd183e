import { toHex } from "#base/hex.ts";
import type { Machine } from "#machine/machine.ts";
import { digestOf } from "#machine/state/digest.ts";
import { loadState } from "#machine/state/snapshot.ts";
import { MachineState } from "#machine/state/state.ts";
import type { Database } from "#store/database.ts";
import { LogReader } from "#store/log-reader.ts";
import { type Snapshot, snapshotBefore } from "#store/snapshots.ts";
import { configurationAt } from "./configured.ts";
import { sha256 } from "./hash.ts";

/** A snapshot that is not what it should be: which field, what it has there and what is right. */
export interface UnsoundSnapshot {
  readonly seq: number;
  readonly path: string;
  readonly recorded: string;
  readonly replayed: string;
}

/**
 * Brings an empty machine to the newest snapshot that is not behind `seq`. Snapshots spare work and are no facts: one that does
 * not hold (its state has another digest than it says, or than its command) is passed over for an older one.
 *
 * @param onUnsound hears of each one passed over
 * @returns the snapshot, or null: there is none that holds, and the machine is still empty
 */
export function startFromSnapshot(
  machine: Machine,
  db: Database,
  seq: number,
  onUnsound: (snapshot: UnsoundSnapshot) => void = () => undefined,
): Snapshot | null {
  const reader = new LogReader(db);
  for (let at = seq; ; ) {
    const snapshot = snapshotBefore(db, at);
    if (snapshot === undefined) return null;
    const unsound = enter(machine, reader, snapshot);
    if (unsound === null) return snapshot;
    onUnsound({ seq: snapshot.seq, ...unsound });
    at = snapshot.seq - 1;
  }
}

function enter(
  machine: Machine,
  reader: LogReader,
  { seq, commandId, digest, state }: Snapshot,
): Omit<UnsoundSnapshot, "seq"> | null {
  const recorded = toHex(digest);
  const command = reader.command(commandId);
  if (command?.lastSeq !== seq) {
    return {
      path: "snapshot.commandId",
      recorded: String(commandId),
      replayed: "the command that ended here",
    };
  }
  const ofCommand = toHex(command.digest);
  if (ofCommand !== recorded) return { path: "snapshot.digest", recorded, replayed: ofCommand };
  try {
    const loaded = new MachineState();
    loadState(loaded, state);
    const ofState = toHex(digestOf(loaded, sha256));
    if (ofState !== recorded) return { path: "snapshot.state", recorded, replayed: ofState };
    const configuredSeq = loaded.host.at(0).configuredSeq;
    const configuration = configurationAt(reader, configuredSeq);
    if (configuration === null) {
      return {
        path: "snapshot.state",
        recorded,
        replayed: `event ${configuredSeq} does not configure the host`,
      };
    }
    machine.state.configurations.set(configuration.digest, configuration);
    loadState(machine.state, state);
  } catch (error) {
    return { path: "snapshot.state", recorded, replayed: `it cannot be read: ${(error as Error).message}` };
  }
  machine.resume(seq, digest);
  return null;
}

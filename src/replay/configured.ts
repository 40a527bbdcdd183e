import { isBodyFault, readBody } from "#events/body.ts";
import { loadConfiguration } from "#machine/configuration.ts";
import type { Configuration } from "#machine/state/state.ts";
import type { LogReader } from "#store/log-reader.ts";
import { sha256 } from "./hash.ts";

/** A configuration, and the body of the event that it was read from. */
interface Known {
  readonly body: Uint8Array;
  readonly configuration: Configuration;
}

/** Configurations that are kept: a log has one for every change of its board, and who asks, asks for the same one again. */
const KNOWN_MAX = 2;

let known: readonly Known[] = [];

/**
 * What `host.configured` at `seq` brought, which snapshots leave out. Reading a device tree takes as long as folding two thousand
 * events, so the last ones are kept, and used again for a body that is the same byte for byte.
 *
 * @returns null where no event there configures a host
 */
export function configurationAt(reader: LogReader, seq: number): Configuration | null {
  const body = reader.row(seq)?.body;
  if (body === undefined) return null;
  const found = known.find((one) => Buffer.compare(one.body, body) === 0);
  if (found !== undefined) return found.configuration;
  const read = readBody(body);
  if (isBodyFault(read) || read.type !== "host.configured") return null;
  const configuration = loadConfiguration(read.data as Parameters<typeof loadConfiguration>[0], sha256);
  known = [{ body, configuration }, ...known].slice(0, KNOWN_MAX);
  return configuration;
}

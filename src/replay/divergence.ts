import type { Json } from "#base/canonical-json.ts";

/**
 * A place where the log says something else than today's rules make of its inputs. `path` names the field: one of the event's
 * JSON (`data.response.payload`), a column (`columns.domid`, `command.input`), `digest`, `snapshot.…`, `count` of a command's
 * events, or `missing` and `undecodable` for a whole row.
 */
export interface Divergence {
  readonly seq: number;
  readonly path: string;
  readonly recorded: Json;
  readonly replayed: Json;
}

/** Longest text of a value that is shown; a device tree in hex would be millions. */
const TEXT_CHARACTERS_MAX = 8192;

/** Divergences as they are found: all are counted, the first are kept. */
export class Divergences {
  readonly kept: Divergence[] = [];
  count = 0;
  readonly #keptMax: number;

  constructor(keptMax: number) {
    this.#keptMax = keptMax;
  }

  add(seq: number, path: string, recorded: Json, replayed: Json): void {
    this.count += 1;
    if (this.kept.length >= this.#keptMax) return;
    this.kept.push({ seq, path, recorded: shortened(recorded), replayed: shortened(replayed) });
  }
}

/** A value as it is shown: cut where it is very long. */
export function shortened(value: Json): Json {
  if (typeof value === "string") {
    return value.length > TEXT_CHARACTERS_MAX ? `${value.slice(0, TEXT_CHARACTERS_MAX)}…` : value;
  }
  if (value === null || typeof value !== "object") return value;
  const text = JSON.stringify(value);
  return text.length > TEXT_CHARACTERS_MAX ? `${text.slice(0, TEXT_CHARACTERS_MAX)}…` : value;
}

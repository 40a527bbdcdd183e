import { toHex } from "#base/hex.ts";
import { isPrintable } from "#config/redaction/byte-text.ts";
import type { StandIns } from "#config/redaction/stand-ins.ts";
import type { MachineEvent } from "#events/types.ts";

/** Where an event of a redacted history is not the original's with stand-ins. */
export interface RedactionDifference {
  /** Of the field, with dots. */
  readonly path: string;
  readonly recorded: string;
  readonly redacted: string;
}

/** Fields that are checked where they enter: the host's description, texts for people, and bytes that only echo a name. */
const UNCHECKED: ReadonlySet<string> = new Set([
  "board",
  "deviceTree",
  "deviceTreeDigest",
  "partialTrees",
  "autostart",
  "cmdline",
  "message",
  "xlcfg",
  "digest",
  "faults",
  "text",
  "task",
  "file",
  "fields",
  "query",
  "actor",
]);
/** A text for people, unless it is an object: then it is a message of SCMI's. */
const MESSAGE = "message";
const ADDRESSES: ReadonlySet<string> = new Set(["shmem", "page"]);
/** Bytes may hold names: what must be the same is how many there are, and the status that an answer begins with. */
const BYTES_OF_STATUS = 4;

/**
 * In what an event differs from the one that it stands for: type, place, subject and everything decided must be the same, names and
 * addresses those that stand for the original's. Names that a rule made out of others (a uuid, a new name) are learnt from it.
 *
 * @returns the first difference, or null: there is none
 */
export function differenceBut(
  recorded: MachineEvent | undefined,
  redacted: MachineEvent | undefined,
  standIns: StandIns,
): RedactionDifference | null {
  if (recorded === undefined || redacted === undefined || recorded.type !== redacted.type) {
    return difference("type", recorded?.type ?? null, redacted?.type ?? null);
  }
  for (const field of ["seq", "epoch", "domid", "agentId"] as const) {
    if (recorded[field] !== redacted[field]) return difference(field, recorded[field], redacted[field]);
  }
  return new Comparison(standIns).of("data", "data", recorded.data, redacted.data);
}

class Comparison {
  readonly #standIns: StandIns;

  constructor(standIns: StandIns) {
    this.#standIns = standIns;
  }

  of(path: string, field: string, recorded: unknown, redacted: unknown): RedactionDifference | null {
    if (recorded === redacted || isUnchecked(field, recorded)) return null;
    if (recorded instanceof Uint8Array && redacted instanceof Uint8Array) {
      const isSame = field === "payload" ? this.#isPayload(recorded, redacted) : areAlike(recorded, redacted);
      return isSame ? null : difference(path, toHex(recorded), toHex(redacted));
    }
    if (isObject(recorded) && isObject(redacted)) return this.#fields(path, field, recorded, redacted);
    return this.#isStandIn(field, recorded, redacted) ? null : difference(path, recorded, redacted);
  }

  /**
   * A message's payload: the same words, but for addresses and for characters of names. Behind the status there may also be nothing
   * where the page still had what lay behind an earlier message: a request can be longer than what was written for it, and an answer
   * that the firmware does not give is the request.
   */
  #isPayload(recorded: Uint8Array, redacted: Uint8Array): boolean {
    if (recorded.length !== redacted.length) return false;
    const [was, is] = [recorded, redacted].map((bytes) => new DataView(bytes.buffer, bytes.byteOffset));
    return recorded.every((byte, at) => {
      const other = redacted[at] ?? 0;
      if (byte === other || (isPrintable(byte) && isPrintable(other))) return true;
      if (other === 0 && at >= BYTES_OF_STATUS) return true;
      const start = at - (at % 4);
      if (start + 4 > recorded.length) return false;
      return this.#standIns.address(was?.getUint32(start, true) ?? 0) === is?.getUint32(start, true);
    });
  }

  #fields(
    path: string,
    field: string,
    recorded: { readonly [key: string]: unknown },
    redacted: { readonly [key: string]: unknown },
  ): RedactionDifference | null {
    // A field that a decision leaves undefined is not there when it was read.
    const keys = new Set([...Object.keys(recorded), ...Object.keys(redacted)]);
    for (const key of keys) {
      const name = Array.isArray(recorded) ? field : key;
      const found = this.of(`${path}.${key}`, name, recorded[key], redacted[key]);
      if (found !== null) return found;
    }
    return null;
  }

  #isStandIn(field: string, recorded: unknown, redacted: unknown): boolean {
    if (typeof recorded === "bigint") return this.#standIns.register(recorded) === redacted;
    if (typeof recorded === "number") {
      const isAddress = ADDRESSES.has(field) || (field === "address" && typeof redacted === "number");
      return isAddress && this.#standIns.address(recorded) === redacted;
    }
    if (typeof recorded !== "string" || typeof redacted !== "string") return false;
    switch (field) {
      case "path":
      case "node":
      case "dtdev":
        return this.#standIns.path(recorded) === redacted || this.#standIns.learns(recorded, redacted);
      case "name":
      case "uuid":
      case "renamedTo":
      case "newUuid":
        return this.#standIns.choice.names
          ? this.#standIns.learns(recorded, redacted)
          : this.#standIns.name(recorded) === redacted;
      case "address":
        return this.#standIns.networkAddress(recorded) === redacted;
      // Hex of a message that waits, or of what a mistake left in a buffer.
      case "value":
      case "response":
        return recorded.length === redacted.length;
      default:
        return false;
    }
  }
}

function isUnchecked(field: string, recorded: unknown): boolean {
  return UNCHECKED.has(field) && !(field === MESSAGE && isObject(recorded));
}

function areAlike(recorded: Uint8Array, redacted: Uint8Array): boolean {
  if (recorded.length !== redacted.length) return false;
  return recorded.subarray(0, BYTES_OF_STATUS).every((byte, at) => byte === redacted[at]);
}

function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return value !== null && typeof value === "object";
}

function difference(path: string, recorded: unknown, redacted: unknown): RedactionDifference {
  return { path, recorded: String(recorded), redacted: String(redacted) };
}

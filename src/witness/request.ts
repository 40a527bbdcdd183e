import { fromBase64 } from "#audit/note/base64.ts";
import { parseCheckpoint, type SignedCheckpoint } from "#audit/note/checkpoint.ts";
import { isProblem } from "#base/problem.ts";

/** Bytes of a request at the most: a checkpoint is a few hundred, a proof at most 63 lines of 45. */
export const REQUEST_BYTES_MAX = 65_536;

const PROOF_LINES_MAX = 63;
const HASH_BYTES = 32;

/** What a log asks: to cosign its checkpoint, whose tree goes on from the one of `oldSize` leaves. */
export interface AddCheckpoint {
  readonly oldSize: number;
  readonly proof: readonly Uint8Array[];
  readonly signed: SignedCheckpoint;
}

/**
 * Reads the body of an `add-checkpoint`. Nothing in it is verified yet.
 *
 * @returns the request, or what is wrong with its form
 * @see C2SP tlog-witness "add-checkpoint"
 */
export function parseAddCheckpoint(body: string): AddCheckpoint | string {
  const end = body.indexOf("\n\n");
  if (end < 0) return "no empty line divides the proof from the checkpoint";
  const [first = "", ...lines] = body.slice(0, end).split("\n");
  const size = /^old (0|[1-9]\d{0,15})$/.exec(first)?.[1];
  const oldSize = Number(size);
  if (size === undefined || !Number.isSafeInteger(oldSize)) {
    return `the first line is ${JSON.stringify(first.slice(0, 40))}; allowed is "old" and a tree size`;
  }
  if (lines.length > PROOF_LINES_MAX)
    return `the proof has ${lines.length} lines; allowed are ${PROOF_LINES_MAX}`;
  const proof: Uint8Array[] = [];
  for (const line of lines) {
    const hash = fromBase64(line);
    if (hash?.length !== HASH_BYTES)
      return `a line of the proof is ${JSON.stringify(line.slice(0, 80))}, not the base64 of ${HASH_BYTES} bytes`;
    proof.push(hash);
  }
  const signed = parseCheckpoint(body.slice(end + 2));
  return isProblem(signed) ? signed.detail : { oldSize, proof, signed };
}

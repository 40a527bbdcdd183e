import { isProblem, type Problem, problem } from "#base/problem.ts";
import { HASH_BYTES } from "../merkle/hash.ts";
import { fromBase64, toBase64 } from "./base64.ts";
import { parseCheckpoint, type SignedCheckpoint } from "./checkpoint.ts";

const FIRST_LINE = "c2sp.org/tlog-proof@v1";
const HASHES_MAX = 64;

/** A proof in one file that an entry is in a log. */
export interface TlogProof {
  /** For us: the entry itself, as it was hashed. Nothing vouches for it but the proof that follows. */
  readonly extra: Uint8Array | null;
  /** Of the entry, from 0: its seq less one. */
  readonly index: number;
  /** From the leaf's sibling up to the root's child. */
  readonly path: readonly Uint8Array[];
  readonly signed: SignedCheckpoint;
}

/** The proof as text. @see C2SP tlog-proof "Format" */
export function formatTlogProof({ extra, index, path, signed }: TlogProof): string {
  const lines = [
    FIRST_LINE,
    ...(extra === null ? [] : [`extra ${toBase64(extra)}`]),
    `index ${index}`,
    ...path.map(toBase64),
    "",
    signed.text,
  ];
  return lines.join("\n");
}

/** Reads a proof, verifying nothing; `proof-invalid` says what is wrong with its text. */
export function parseTlogProof(text: string): TlogProof | Problem {
  const invalid = (why: string): Problem => problem("proof-invalid", { why });
  const end = text.indexOf("\n\n");
  if (end < 0) return invalid("no blank line divides it from its checkpoint");
  const [first, ...lines] = text.slice(0, end).split("\n");
  if (first !== FIRST_LINE) return invalid(`its first line is not ${FIRST_LINE}`);
  const extra =
    lines[0]?.startsWith("extra ") === true ? fromBase64((lines.shift() ?? "").slice(6)) : undefined;
  if (extra === null) return invalid("its extra data are not base64");
  const index = /^index (0|[1-9]\d{0,15})$/.exec(lines.shift() ?? "")?.[1];
  if (index === undefined || !Number.isSafeInteger(Number(index))) return invalid("it has no index");
  if (lines.length > HASHES_MAX) return invalid(`it has more than ${HASHES_MAX} hashes`);
  const path: Uint8Array[] = [];
  for (const line of lines) {
    const hash = fromBase64(line);
    if (hash?.length !== HASH_BYTES) return invalid(`a hash reads ${JSON.stringify(line.slice(0, 80))}`);
    path.push(hash);
  }
  const signed = parseCheckpoint(text.slice(end + 2));
  return isProblem(signed) ? signed : { extra: extra ?? null, index: Number(index), path, signed };
}

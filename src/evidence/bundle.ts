import { hash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { EntryRows } from "#audit/entry/entry-rows.ts";
import { VALUE_BYTES_MAX } from "#audit/entry/values.ts";
import { type ChainKey, chainOf } from "#audit/key-chain.ts";
import { type LeafRange, subsetProof } from "#audit/merkle/subset-proof.ts";
import { toBase64 } from "#audit/note/base64.ts";
import type { SignedCheckpoint } from "#audit/note/checkpoint.ts";
import { entryBundle } from "#audit/tiles/bundle.ts";
import { TreeReader } from "#audit/tree/tree-reader.ts";
import { isProblem, type Problem } from "#base/problem.ts";
import { timeText } from "#base/time.ts";
import type { Database } from "#store/database.ts";
import { answerOf } from "./answer.ts";
import { decidingEvents, seqRanges } from "./deciding-events.ts";
import type { Moment, Question } from "./question.ts";
import { smallLog } from "./small-log.ts";
import { type ArchivedFile, tarOf } from "./tar.ts";

/** Events of a bundle at the most: all of it is made, sent and taken apart in memory. */
const EVIDENCE_EVENTS_MAX = 50_000;

/** `tools/` lies beside `src/` and beside `dist/`. */
const VERIFIER = fileURLToPath(new URL("../../tools/verify_bundle.py", import.meta.url));

const README = `Evidence from the log of an SCMI control plane.

    python3 verify.py --key VKEY

says whether the answer in answer.json follows from the events in entries.bin, and whether those are all that bear on it, as the
checkpoint says that was signed with the key VKEY. Take that key, and better verify.py too, from somewhere else than from here.
It needs Python 3.8 and the openssl program of OpenSSL 3, and no network. docs/auditing.md of scmi-control-plane tells of every file.
`;

export interface EvidenceRequest {
  readonly question: Question;
  readonly moment: Moment;
  /** What the tree is held to; it has to reach the moment. */
  readonly signed: SignedCheckpoint;
  /** Default: {@link EVIDENCE_EVENTS_MAX}. */
  readonly eventsMax?: number;
}

/**
 * An answer with all that proves it, as a tar archive: the events since the host boot that rules the moment, proof that they are all
 * of them, the checkpoint and its keys, and a program that verifies it.
 *
 * @returns `evidence-unavailable` before the first boot, or where the moment is not signed; `evidence-too-large`
 */
export function evidenceBundle(db: Database, request: EvidenceRequest): Uint8Array | Problem {
  const { question, moment, signed, eventsMax = EVIDENCE_EVENTS_MAX } = request;
  const { size } = signed.checkpoint;
  const deciding = decidingEvents(db, moment, size, eventsMax);
  if (isProblem(deciding)) return deciding;
  const ranges = seqRanges(deciding);
  const small = smallLog(db, [...ranges.slice(0, -1), { start: deciding.fromSeq, end: deciding.at + 1 }]);
  const answer = answerOf(small, question, deciding.at);
  small.close();
  const leaves = ranges.map(({ start, end }) => ({ start: start - 1, end: end - 1 }));
  const proof = subsetProof(new TreeReader(db).node, size, leaves);
  const entries = new EntryRows(db);
  const { at, timeUs } = moment;
  return tarOf([
    { name: "README.txt", content: README },
    { name: "answer.json", content: json(answer) },
    { name: "checkpoint.txt", content: signed.text },
    {
      name: "entries.bin",
      content: entryBundle(ranges.flatMap(({ start, end }) => entries.entries(start, end - 1))),
    },
    {
      name: "keys.json",
      content: json(chainOf(db).map(({ vkey, fromSize, note }: ChainKey) => ({ vkey, fromSize, note }))),
    },
    { name: "proof.txt", content: proof.map((node) => `${toBase64(node)}\n`).join("") },
    {
      name: "question.json",
      content: json({
        format: "scmi-evidence/v1",
        ...question,
        at,
        time: timeUs === null ? null : timeText(timeUs),
      }),
    },
    ...longBodies(db, ranges),
    { name: "verify.py", content: verifier() },
  ]);
}

/** The program that verifies a bundle. */
export function verifier(): Uint8Array {
  return readFileSync(VERIFIER);
}

/** Bodies that stand in their entries as a hash, by that. */
function longBodies(db: Database, ranges: readonly LeafRange[]): ArchivedFile[] {
  const select = db
    .prepare<[number, number, number], Buffer>(
      "SELECT body FROM events WHERE seq BETWEEN ? AND ? AND length(body) > ? ORDER BY seq",
    )
    .pluck();
  const bodies = new Map<string, Buffer>();
  for (const { start, end } of ranges) {
    for (const body of select.all(start, end - 1, VALUE_BYTES_MAX)) bodies.set(hash("sha256", body), body);
  }
  return [...bodies]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, content]) => ({ name: `values/${name}`, content }));
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

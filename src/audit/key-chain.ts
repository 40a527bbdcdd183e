import { isProblem, type Problem } from "#base/problem.ts";
import type { Database } from "#store/database.ts";
import { formatVerifierKey, parseVerifierKey, type SignerKey, type VerifierKey } from "./note/keys.ts";
import { formatNote, parseNote, signersOf, signNote } from "./note/note.ts";

/** A key in the log's list of keys. */
export interface ChainKey {
  readonly number: number;
  readonly vkey: string;
  /** Events in the log when it took over. */
  readonly fromSize: number;
  /** By which the key before and this one vouch for each other; null: nobody does. */
  readonly note: string | null;
}

/** The keys that the log says signed it, oldest first. */
export function chainOf(db: Database): ChainKey[] {
  return db
    .prepare<[], ChainKey>("SELECT number, vkey, from_size AS fromSize, note FROM audit_keys ORDER BY number")
    .all();
}

/** Adds a key to the log's list, inside the transaction of the caller. */
export function addToChain(db: Database, { number, vkey, fromSize, note }: ChainKey): void {
  db.prepare("INSERT INTO audit_keys (number, vkey, from_size, note) VALUES (?, ?, ?, ?)").run(
    number,
    vkey,
    fromSize,
    note,
  );
}

/** What both keys of a rotation sign. */
function successionText(origin: string, before: string, after: string, size: number): string {
  return `scmi-audit-key/v1\n${origin}\n${before}\n${after}\n${size}\n`;
}

/** The note by which a key hands over to the next: each vouches for the other, so that trust in either is trust in both. */
export function successionNote(before: SignerKey, after: SignerKey, size: number): string {
  const [older, newer] = [formatVerifierKey(before.verifier), formatVerifierKey(after.verifier)];
  return formatNote(signNote(successionText(before.verifier.name, older, newer, size), before, after));
}

/** Whether the key before and this one vouch for each other. */
function isVouchedFor(before: ChainKey, after: ChainKey): boolean {
  const keys = [before, after].map(({ vkey }) => parseVerifierKey(vkey));
  const note = parseNote(after.note ?? "");
  if (isProblem(note) || keys.some(isProblem)) return false;
  const known = keys as VerifierKey[];
  const origin = known[0]?.name ?? "";
  if (note.text !== successionText(origin, before.vkey, after.vkey, after.fromSize)) return false;
  const signers = signersOf(note, known);
  return !isProblem(signers) && signers.length === 2;
}

/** Keys of a chain as they are to be judged by somebody who trusts some. */
export interface JudgedChain {
  readonly trusted: readonly VerifierKey[];
  /** Keys of the list that nobody trusted vouches for, or that are none. */
  readonly untrusted: readonly ChainKey[];
}

/** Follows the chain from the keys that are trusted, forwards and backwards, for as long as neighbours vouch for each other. */
export function judgeChain(chain: readonly ChainKey[], trusted: readonly VerifierKey[]): JudgedChain {
  const known = new Set(trusted.map(formatVerifierKey));
  const neighbours = chain.slice(1).map((after, i) => [chain[i] as ChainKey, after] as const);
  const spread = (from: ChainKey, to: ChainKey, isVouched: boolean): void => {
    if (isVouched && known.has(from.vkey)) known.add(to.vkey);
  };
  const links = neighbours.map(([before, after]) => ({
    before,
    after,
    isVouched: isVouchedFor(before, after),
  }));
  for (const { before, after, isVouched } of links) spread(before, after, isVouched);
  for (const { before, after, isVouched } of links.toReversed()) spread(after, before, isVouched);
  const keys = [...known].map(parseVerifierKey).filter((key): key is VerifierKey => !isProblem(key));
  return { trusted: keys, untrusted: chain.filter(({ vkey }) => !known.has(vkey)) };
}

/** The keys of the whole list, as the log itself claims them; the problem of the first that is none. */
export function claimedKeys(chain: readonly ChainKey[]): VerifierKey[] | Problem {
  const keys = chain.map(({ vkey }) => parseVerifierKey(vkey));
  return keys.find(isProblem) ?? (keys as VerifierKey[]);
}

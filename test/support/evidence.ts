import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { addToChain, chainOf } from "#audit/key-chain.ts";
import { type SignedCheckpoint, signCheckpoint } from "#audit/note/checkpoint.ts";
import { formatVerifierKey, generateSignerKey, type SignerKey } from "#audit/note/keys.ts";
import { TreeReader } from "#audit/tree/tree-reader.ts";
import { type ArchivedFile, tarOf } from "#evidence/tar.ts";
import type { Database } from "#store/database.ts";

/** Whether the programs are here that the verifier of bundles needs. */
export const canVerify: boolean = ["python3", "openssl"].every(
  (program) => spawnSync(program, ["version"], { stdio: "ignore" }).error === undefined,
);

export const LOG_KEY: SignerKey = generateSignerKey("log.example/evidence", "note");

/** Signs a log, under its first key if it has none yet. */
export function signLog(db: Database, key: SignerKey = LOG_KEY): SignedCheckpoint {
  const vkey = formatVerifierKey(key.verifier);
  if (chainOf(db).length === 0) addToChain(db, { number: 1, vkey, fromSize: 0, note: null });
  const tree = new TreeReader(db);
  return signCheckpoint({ size: tree.size(), root: tree.root(tree.size()) }, key);
}

/** The files of an archive by name. */
export type Files = ReadonlyMap<string, Buffer>;

/** Takes a tar archive apart. */
export function filesOf(tar: Uint8Array): Files {
  const bytes = Buffer.from(tar);
  const files = new Map<string, Buffer>();
  for (let at = 0; bytes[at] !== 0; ) {
    const name = bytes.toString("utf8", at, at + 100).replace(/\0.*$/s, "");
    const size = Number.parseInt(bytes.toString("latin1", at + 124, at + 135), 8);
    files.set(name, bytes.subarray(at + 512, at + 512 + size));
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return files;
}

/** What the verifier says of a bundle. */
export interface Verdict {
  /** 0: yes, 1: no, 2: it could not tell. */
  readonly status: number;
  readonly text: string;
}

/** Runs the verifier on a bundle, as a stranger would: from an archive, in a process of its own. */
export async function verdictOn(bundle: Files | Uint8Array, ...args: readonly string[]): Promise<Verdict> {
  const folder = mkdtempSync(join(tmpdir(), "scmi-evidence-"));
  const file = join(folder, "evidence.tar");
  const archived: ArchivedFile[] =
    bundle instanceof Uint8Array ? [] : [...bundle].map(([name, content]) => ({ name, content }));
  writeFileSync(file, bundle instanceof Uint8Array ? bundle : tarOf(archived));
  const verdict = await new Promise<Verdict>((resolve) => {
    execFile("python3", ["tools/verify_bundle.py", ...args, file], (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : Number(error.code), text: stdout + stderr });
    });
  });
  rmSync(folder, { recursive: true });
  return verdict;
}

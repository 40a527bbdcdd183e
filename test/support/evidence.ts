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
  return archived([bundle], ([file = ""], resolve) => {
    execFile("python3", ["tools/verify_bundle.py", ...args, file], (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : Number(error.code), text: stdout + stderr });
    });
  });
}

/** Reads the verifier once and asks it about one archive after the other. */
const ONE_AFTER_THE_OTHER = `
import contextlib, io, json, sys
sys.path.insert(0, "tools")
from verify_bundle import main
def verdict(words):
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        status = main(words)
    return {"status": status, "text": out.getvalue()}
print(json.dumps([verdict(words) for words in json.loads(sys.argv[1])]))
`;

/** {@link verdictOn} many bundles, all in one process: most of a verification is the start of Python. */
export async function verdictsOn(
  bundles: readonly (Files | Uint8Array)[],
  ...args: readonly string[]
): Promise<Verdict[]> {
  return archived(bundles, (files, resolve, reject) => {
    const words = JSON.stringify(files.map((file) => [...args, file]));
    execFile("python3", ["-B", "-c", ONE_AFTER_THE_OTHER, words], (error, stdout) => {
      if (error === null) resolve(JSON.parse(stdout));
      else reject(error);
    });
  });
}

/** Does something with bundles as archives in a folder. */
async function archived<T>(
  bundles: readonly (Files | Uint8Array)[],
  work: (files: readonly string[], resolve: (result: T) => void, reject: (error: Error) => void) => void,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "scmi-evidence-"));
  try {
    const files = bundles.map((bundle, i) => {
      const file = join(folder, `evidence-${i}.tar`);
      writeFileSync(file, bundle instanceof Uint8Array ? bundle : tarOf(contentsOf(bundle)));
      return file;
    });
    return await new Promise<T>((resolve, reject) => work(files, resolve, reject));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function contentsOf(files: Files): ArchivedFile[] {
  return [...files].map(([name, content]) => ({ name, content }));
}

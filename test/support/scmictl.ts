import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The built program, as it is installed. */
const SCMICTL = join(process.cwd(), "bin", "scmictl.js");

/** What a run of the program came to. */
export interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a run is given: standard input, environment, folder. */
export interface RunOptions {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** Runs scmictl to its end. */
export async function scmictl(args: readonly string[], options: RunOptions = {}): Promise<Run> {
  const child = start(args, options);
  child.stdin?.end(options.input ?? "");
  const [stdout, stderr, status] = await Promise.all([
    textOf(child.stdout),
    textOf(child.stderr),
    ended(child),
  ]);
  return { status, stdout, stderr };
}

function start(args: readonly string[], { env = {}, cwd }: RunOptions = {}): ChildProcess {
  const { SCMICTL_URL: _, SCMICTL_TOKEN: __, ...own } = process.env;
  return spawn(process.execPath, [SCMICTL, ...args], { env: { ...own, ...env }, cwd });
}

async function textOf(stream: NodeJS.ReadableStream | null): Promise<string> {
  let text = "";
  stream?.setEncoding("utf8");
  for await (const chunk of stream ?? []) text += chunk;
  return text;
}

function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.once("close", (status) => resolve(status)));
}

/** A server in a process of its own. */
export interface ServedBoard {
  readonly url: string;
  readonly pid: number;
  /** What it printed when it began. */
  readonly banner: string;
  /** What it has said on standard error. */
  errors(): string;
  /** Sends a signal and waits for the end: the exit status, or null where the signal ended it. */
  end(signal?: NodeJS.Signals): Promise<number | null>;
}

/** Serves a board on a free port; resolves when it listens. Throws with what it said where it ends instead. */
export function serveBoard(args: readonly string[]): Promise<ServedBoard> {
  return serve(["serve", "--port", "0", ...args]);
}

/** Serves a witness on a free port, or on the one that is named, likewise. */
export function serveWitness(args: readonly string[], port = 0): Promise<ServedBoard> {
  return serve(["witness", "serve", "--port", String(port), ...args]);
}

async function serve(args: readonly string[]): Promise<ServedBoard> {
  const child = start(args);
  const end = ended(child);
  let banner = "";
  let errors = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    banner += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout?.on("data", () => {
      const found = /https?:\/\/[\w.[\]:]+:\d+/.exec(banner)?.[0];
      if (found !== undefined && banner.endsWith("\n")) resolve(found);
    });
    void end.then((status) => reject(new Error(`serve ended with ${status}: ${errors}`)));
  });
  return {
    url,
    pid: child.pid as number,
    banner,
    errors: () => errors,
    end(signal = "SIGTERM") {
      child.kill(signal);
      return end;
    },
  };
}

/** A folder of its own for a test's files. */
export function scratchFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), "scmictl-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

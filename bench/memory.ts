import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { LogReader } from "#store/log-reader.ts";
import { opened } from "./fold.ts";
import { report } from "./report.ts";

const SCMICTL = fileURLToPath(new URL("../bin/scmictl.js", import.meta.url));
/** Told by the program itself at its end, on a file descriptor of its own. */
const TELL_MEMORY = `data:text/javascript,${encodeURIComponent(
  'import { writeSync } from "node:fs"; process.on("exit", () => writeSync(3, String(process.resourceUsage().maxRSS)));',
)}`;
const KIB_IN_MIB = 1024;

/** The largest that each verb becomes on a long log, each in a process of its own, with its answer thrown away. */
export async function benchMemory(file: string): Promise<void> {
  const db = opened(file);
  const head = new LogReader(db).headSeq();
  db.close();
  const middle = Math.floor(head / 2);
  const moves = `goto ${middle}\nback\nback 5000\ngoto 17\nstep 10\nwhere\n`;
  const expect = "not allowed(2, 4)";
  const runs: readonly (readonly [verb: string, args: readonly (string | number)[], input?: string])[] = [
    ["state --at", ["state", "--at", middle]],
    ["diff", ["diff", "--from", 1000, "--to", head]],
    ["log of the last page", ["log", "--after", middle, "--limit", 1000]],
    ["log --type", ["log", "--type", "domain.created"]],
    ["permissions --at", ["permissions", "--at", middle]],
    ["bisect", ["bisect", "--good", 1, "--bad", head, "--expect", expect]],
    ["debug", ["debug", "--batch"], moves],
    ["export events", ["export", "events"]],
    ["replay", ["replay"]],
    ["audit verify", ["audit", "verify"]],
  ];
  for (const [verb, args, input = ""] of runs) {
    const { mib, seconds } = await memoryOf([...args.map(String), "--db", file], input);
    report(`memory of ${verb}, MiB`, mib, "≤ 512", `${seconds.toFixed(1)} s, ${head} events`);
  }
}

async function memoryOf(
  args: readonly string[],
  input: string,
): Promise<{ readonly mib: number; readonly seconds: number }> {
  const began = performance.now();
  const child = spawn(process.execPath, ["--import", TELL_MEMORY, SCMICTL, ...args], {
    stdio: ["pipe", "ignore", "inherit", "pipe"],
  });
  child.stdin?.end(input);
  let told = "";
  child.stdio[3]?.on("data", (text: Buffer) => {
    told += text;
  });
  const status = await new Promise((resolve) => child.once("close", resolve));
  if (status !== 0) throw new Error(`scmictl ${args.join(" ")} ended with ${status}`);
  return { mib: Number(told) / KIB_IN_MIB, seconds: (performance.now() - began) / 1000 };
}

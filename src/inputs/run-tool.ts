import { type ExecFileException, execFile } from "node:child_process";
import { DEVICE_TREE_BYTES_MAX } from "#config/device-tree/fdt.ts";

/** A real host tree is worked on in well under a second; this is for sources that include something endless. */
const TIMEOUT_MS = 60_000;
const MESSAGE_CHARS_MAX = 2_000;
/** KiB of memory, for sources that include something endless too. */
const MEMORY_KIB_MAX = 1024 * 1024;
/** Sets the limit, where the system has it, and becomes the program. */
const LIMITED = `ulimit -v ${MEMORY_KIB_MAX} 2>/dev/null; exec "$0" "$@"`;
/** What a shell exits with where it finds no program. */
const NOT_FOUND = 127;

/** A run of a program of the package device-tree-compiler. */
interface ToolRun {
  readonly error: ExecFileException | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/**
 * Runs a program to its end, or for a minute, with 1 GiB of memory. Where it is not installed, the error has the code ENOENT.
 *
 * @param stdoutBytesMax it is ended where it writes more; as much as a device tree may have, unless told
 * @param stdin what it reads
 */
export function runTool(
  program: string,
  args: readonly string[],
  directory: string,
  stdoutBytesMax: number = DEVICE_TREE_BYTES_MAX,
  stdin = "",
): Promise<ToolRun> {
  return new Promise((resolve) => {
    const child = execFile(
      "/bin/sh",
      ["-c", LIMITED, program, ...args],
      {
        cwd: directory,
        encoding: "buffer",
        maxBuffer: stdoutBytesMax,
        timeout: TIMEOUT_MS,
        killSignal: "SIGKILL",
      },
      (error, stdout, stderr) => {
        if (error?.code === NOT_FOUND) error.code = "ENOENT";
        resolve({ error, stdout, stderr: stderr.toString("utf8") });
      },
    );
    // A program may end before it has read everything.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(stdin);
  });
}

/** Why a program failed, in its own words where it has any. */
export function whyFailed(program: string, error: ExecFileException, stderr: string): string {
  // Of Node's own error codes; the types know of numbers and system errors only.
  const code: unknown = error.code;
  if (code === "ERR_CHILD_PROCESS_STDIO_MAXBUFFER") {
    return `${program} makes more than ${DEVICE_TREE_BYTES_MAX} bytes of it`;
  }
  if (error.killed === true) return `${program} did not finish within ${TIMEOUT_MS / 1000} seconds`;
  const said = stderr
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .join("; ");
  return said === ""
    ? `${program} failed: ${error.message}`
    : `${program} says: ${said.slice(0, MESSAGE_CHARS_MAX)}`;
}

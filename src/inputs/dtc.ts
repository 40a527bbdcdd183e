import { type ExecFileException, execFile } from "node:child_process";
import { basename, dirname } from "node:path";
import { type Problem, problem } from "#base/problem.ts";
import { DEVICE_TREE_BYTES_MAX } from "#config/fdt.ts";

/** A real host tree compiles in well under a second; this is for sources that include something endless. */
const DTC_TIMEOUT_MS = 60_000;
const MESSAGE_CHARS_MAX = 2_000;

/**
 * Compiles a device-tree source with `dtc`. It runs in the directory of the source, so that its messages name files as the
 * source does, and the bytes do not depend on where that directory lies.
 *
 * @param file an existing source
 * @returns the flattened tree; or `dtc-missing`, or `device-tree-invalid` with what dtc said
 */
export async function compileDeviceTree(file: string): Promise<Uint8Array | Problem> {
  const { error, stdout, stderr } = await runDtc(
    ["-q", "-I", "dts", "-O", "dtb", "-o", "-", "--", basename(file)],
    dirname(file),
  );
  if (error === null) return new Uint8Array(stdout);
  if (error.code === "ENOENT") return problem("dtc-missing", { file });
  return problem("device-tree-invalid", { file, why: whyFailed(error, stderr.toString("utf8")) });
}

interface DtcRun {
  readonly error: ExecFileException | null;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

function runDtc(args: readonly string[], directory: string): Promise<DtcRun> {
  return new Promise((resolve) => {
    execFile(
      "dtc",
      args,
      {
        cwd: directory,
        encoding: "buffer",
        maxBuffer: DEVICE_TREE_BYTES_MAX,
        timeout: DTC_TIMEOUT_MS,
        killSignal: "SIGKILL",
      },
      (error, stdout, stderr) => resolve({ error, stdout, stderr }),
    );
  });
}

function whyFailed(error: ExecFileException, stderr: string): string {
  // Of Node's own error codes; the types know of numbers and system errors only.
  const code: unknown = error.code;
  if (code === "ERR_CHILD_PROCESS_STDIO_MAXBUFFER") {
    return `dtc makes more than ${DEVICE_TREE_BYTES_MAX} bytes of it`;
  }
  if (error.killed === true) return `dtc did not finish within ${DTC_TIMEOUT_MS / 1000} seconds`;
  const said = stderr
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .join("; ");
  return said === "" ? `dtc failed: ${error.message}` : `dtc says: ${said.slice(0, MESSAGE_CHARS_MAX)}`;
}

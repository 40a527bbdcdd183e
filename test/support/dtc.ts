import { execFileSync, spawnSync } from "node:child_process";

/** Whether the device-tree compiler is installed. */
export const HAS_DTC = spawnSync("dtc", ["--version"]).status === 0;

/** The note of a test that is skipped for want of it. */
export const NO_DTC = "dtc is not installed (Debian package device-tree-compiler)";

/** Runs dtc on `input` and returns what it writes; throws where dtc refuses. */
export function dtc(args: readonly string[], input: Uint8Array | string): Uint8Array {
  return new Uint8Array(execFileSync("dtc", ["-q", ...args, "-o", "-", "-"], { input, stdio: "pipe" }));
}

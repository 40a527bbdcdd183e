import type { Errno } from "#base/errno.ts";
import type { DtNode } from "#config/device-tree/fdt.ts";
import { readU32 } from "#config/device-tree/property.ts";
import type { Host } from "./context.ts";

/** A step of the probe that failed: its number in `mediator-reference.md` §2.2, and what the scan is told. */
export interface ProbeFailure {
  readonly step: number;
  readonly errno: Errno;
  readonly message: string;
}

/** The first checks of a probe, which both mediators make alike: no ACPI, an SMCCC that will do, and the node's function id. */
export function firstChecks({ board }: Host, node: DtNode): number | ProbeFailure {
  if (board.xen.acpi) return failure(2, "EINVAL", "ACPI is in use");
  if (!smcccAtLeast11(board.xen.smccc))
    return failure(3, "ENOSYS", `SMCCC ${board.xen.smccc} is older than 1.1`);
  return readU32(node, "arm,smc-id") ?? failure(4, "ENOENT", `${node.path} has no arm,smc-id`);
}

export function failure(step: number, errno: Errno, message: string): ProbeFailure {
  return { step, errno, message };
}

function smcccAtLeast11(version: string): boolean {
  const [major, minor] = version.split(".").map(Number);
  return (major ?? 0) > 1 || ((major ?? 0) === 1 && (minor ?? 0) >= 1);
}

import { randomBytes } from "node:crypto";

/**
 * A name for a new log, which no other log has: the host's, and something random, for two logs of one board are two logs. It is a
 * name only: nothing is reached under it.
 */
export function originOf(hostName: string): string {
  const host = hostName.replaceAll(/[^\w.-]/g, "-") || "host";
  return `scmi-control-plane.invalid/${host}/${randomBytes(4).toString("hex")}`;
}

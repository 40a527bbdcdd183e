import { canonicalJson, type Json } from "#base/canonical-json.ts";
import { toHex } from "#base/hex.ts";
import { isProblem, type Problem } from "#base/problem.ts";
import type { HostDescription } from "#config/board.ts";
import { essential, withDefaults } from "#config/board-defaults.ts";
import { type DeviceTree, parseDeviceTree } from "#config/fdt.ts";
import type { HostConfigured } from "#events/types.ts";
import type { Hash } from "./digest.ts";
import type { Configuration } from "./state.ts";

/** Version of the rules that this program decides by. Logs keep the version that they were decided by. */
export const RULE_VERSION = 1;

/** What `host.configured` will say of a description, or why this program cannot run it. */
export function configure(description: HostDescription, hash: Hash): HostConfigured | Problem {
  const { board, deviceTree, autostart } = description;
  const tree = parseDeviceTree(deviceTree, board.deviceTree);
  if (isProblem(tree)) return tree;
  return {
    board,
    deviceTree,
    deviceTreeDigest: hash(deviceTree),
    cmdline: board.xen.cmdline,
    autostart,
    ruleVersion: RULE_VERSION,
  };
}

/**
 * Digest of what a host is configured from. It is taken over the content: comments, file names, the order of properties and the
 * padding that a dtc leaves do not count, nor do fields of the board that came later and say nothing.
 */
function configurationDigest(configured: HostConfigured, tree: DeviceTree, hash: Hash): string {
  const { board, cmdline, autostart } = configured;
  const nodes = tree.nodes.map((node) => [
    node.path,
    ...[...node.properties].map(([name, value]) => `${name}=${toHex(value)}`).sort(),
  ]);
  const content = { board: essential({ ...board, deviceTree: "" }), cmdline, autostart, nodes };
  return hash(canonicalJson(content as unknown as Json));
}

/** What the machine runs from. The tree was read before it was recorded; a log where it cannot be read is broken. */
export function loadConfiguration(configured: HostConfigured, hash: Hash): Configuration {
  const tree = parseDeviceTree(configured.deviceTree, configured.board.deviceTree);
  if (isProblem(tree)) throw new Error(`bug: the recorded device tree cannot be read: ${tree.detail}`);
  return {
    digest: configurationDigest(configured, tree, hash),
    board: withDefaults(configured.board),
    tree,
    autostart: configured.autostart,
  };
}

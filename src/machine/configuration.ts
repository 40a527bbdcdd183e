import { canonicalJson, type Json } from "#base/canonical-json.ts";
import { byteTextToHex, toHex } from "#base/hex.ts";
import { isProblem, type Problem, problem } from "#base/problem.ts";
import { dom0lessDomains } from "#config/binding/dom0less.ts";
import type { Board, HostDescription, PartialTreeBytes } from "#config/board/board.ts";
import { essential, withDefaults } from "#config/board/defaults.ts";
import { type DeviceTree, parseDeviceTree } from "#config/device-tree/fdt.ts";
import { xenBootargs } from "#config/xen/bootargs.ts";
import type { HostConfigured } from "#events/types.ts";
import { RULE_VERSION } from "./rule-version.ts";
import type { Hash } from "./state/digest.ts";
import type { Configuration } from "./state/state.ts";

/**
 * What `host.configured` will say of a description, or why this program cannot run it.
 *
 * @param ruleVersion the rules that the host is decided by from here on
 */
export function configure(
  description: HostDescription,
  hash: Hash,
  ruleVersion: number = RULE_VERSION,
): HostConfigured | Problem {
  const { board, deviceTree, autostart, partialTrees = [] } = description;
  const tree = parseDeviceTree(deviceTree, board.deviceTree);
  if (isProblem(tree)) return tree;
  const partial = readPartialTrees(partialTrees, board);
  if (isProblem(partial)) return partial;
  const domains = dom0lessDomains(tree).map(({ name }) => name);
  const unknown = [...partial.keys()].find((name) => !domains.includes(name));
  if (unknown !== undefined) return problem("partial-tree-unclaimed", { domain: unknown, domains });
  return {
    board,
    deviceTree,
    deviceTreeDigest: byteTextToHex(hash(deviceTree)),
    cmdline: ruleVersion === 1 ? board.xen.cmdline : cmdlineOf(board, tree),
    autostart,
    ...(partialTrees.length === 0 ? {} : { partialTrees }),
    ruleVersion,
  };
}

/** What Xen is told at its start: by the board file, or where that says nothing by the tree. */
function cmdlineOf({ xen }: Board, tree: DeviceTree): string {
  return xen.cmdline === "" ? (xenBootargs(tree)?.text ?? "") : xen.cmdline;
}

/** The partial trees by the name of their domain's node. */
function readPartialTrees(
  trees: readonly PartialTreeBytes[],
  board: Board,
): Map<string, DeviceTree> | Problem {
  const read = new Map<string, DeviceTree>();
  for (const { domain, tree } of trees) {
    const parsed = parseDeviceTree(tree, board.xen.partialTrees[domain] ?? domain);
    if (isProblem(parsed)) return parsed;
    read.set(domain, parsed);
  }
  return read;
}

/**
 * Digest of what a host is configured from. It is taken over the content: comments, file names, the order of properties and the
 * padding that a dtc leaves do not count, nor do fields of the board that came later and say nothing.
 */
function configurationDigest(
  configured: HostConfigured,
  tree: DeviceTree,
  partialTrees: ReadonlyMap<string, DeviceTree>,
  hash: Hash,
): string {
  const { board, cmdline, autostart, ruleVersion } = configured;
  const withoutFiles = { ...board, deviceTree: "", xen: { ...board.xen, partialTrees: {} } };
  const partial = Object.fromEntries([...partialTrees].map(([domain, its]) => [domain, contentOf(its)]));
  const content = {
    board: essential(withoutFiles),
    cmdline,
    autostart,
    nodes: contentOf(tree),
    ...(partialTrees.size === 0 ? {} : { partial }),
    // Said from the second version on: digests of older logs stay what they are.
    ...(ruleVersion === 1 ? {} : { ruleVersion }),
  };
  return byteTextToHex(hash(canonicalJson(content as unknown as Json)));
}

/** Every node of a tree with its properties, whatever their order. */
function contentOf(tree: DeviceTree): string[][] {
  return tree.nodes.map((node) => [
    node.path,
    ...[...node.properties].map(([name, value]) => `${name}=${toHex(value)}`).sort(),
  ]);
}

/** What the machine runs from. The tree was read before it was recorded; a log where it cannot be read is broken. */
export function loadConfiguration(configured: HostConfigured, hash: Hash): Configuration {
  const tree = parseDeviceTree(configured.deviceTree, configured.board.deviceTree);
  if (isProblem(tree)) throw new Error(`bug: the recorded device tree cannot be read: ${tree.detail}`);
  const board = withDefaults(configured.board);
  const partialTrees = readPartialTrees(configured.partialTrees ?? [], board);
  if (isProblem(partialTrees)) throw new Error(`bug: ${partialTrees.detail}`);
  return {
    digest: configurationDigest(configured, tree, partialTrees, hash),
    board,
    tree,
    partialTrees,
    autostart: configured.autostart,
    cmdline: configured.cmdline,
    rules: configured.ruleVersion,
  };
}

import { dom0AgentSettings } from "../binding/dom0-agent.ts";
import type { DeviceTree } from "../device-tree.ts";
import { readStrings } from "../dt-property.ts";

/** Where a tree has Xen's command line. */
export interface Bootargs {
  readonly path: string;
  readonly property: string;
  readonly text: string;
}

/**
 * Xen's command line in a tree, as the boot loader or the tree's author left it. `bootargs` is Xen's or dom0's, depending on what
 * else is there; it is taken for Xen's where it has one of the options that we look for.
 */
export function xenBootargs(tree: DeviceTree): Bootargs | null {
  const chosen = tree.nodeByPath("/chosen");
  if (chosen === undefined) return null;
  const own = readStrings(chosen, "xen,xen-bootargs")?.[0];
  if (own !== undefined) return { path: chosen.path, property: "xen,xen-bootargs", text: own };
  const shared = readStrings(chosen, "bootargs")?.[0];
  if (shared === undefined || dom0AgentSettings(shared).length === 0) return null;
  return { path: chosen.path, property: "bootargs", text: shared };
}

/** A command line without the options that told dom0's agent before v8; all else stays as it was written. */
export function withoutDom0Agent(cmdline: string): string {
  const words = cmdline.split(/([ \t\n]+)/);
  const kept: string[] = [];
  for (let at = 0; at < words.length; at += 2) {
    const word = reduced(words[at] ?? "");
    if (word === null) continue;
    kept.push(kept.length === 0 ? "" : (words[at - 1] ?? " "), word);
  }
  return kept.join("").trimEnd();
}

/** An option without what tells an agent, or null: nothing else is in it. */
function reduced(word: string): string | null {
  if (word.startsWith("dom0_scmi_agent_id=") || word === "dom0_scmi_agent_id") return null;
  if (!word.startsWith("dom0=")) return word;
  const pieces = word.slice("dom0=".length).split(",");
  const kept = pieces.filter((piece) => !piece.startsWith("sci-agent-id="));
  if (kept.length === pieces.length) return word;
  return kept.length === 0 ? null : `dom0=${kept.join(",")}`;
}

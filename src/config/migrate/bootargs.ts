import { dom0AgentSettings } from "../binding/dom0-agent.ts";
import type { DeviceTree } from "../device-tree/device-tree.ts";
import { readStrings } from "../device-tree/property.ts";
import { type Bootargs, xenBootargs } from "../xen/bootargs.ts";

/**
 * Xen's command line in a tree. `bootargs` is Xen's or dom0's, depending on what the boot loader does; it is taken for Xen's where it
 * has one of the options that we look for.
 */
export function bootargsOf(tree: DeviceTree): Bootargs | null {
  const own = xenBootargs(tree);
  const node = tree.nodeByPath("/chosen");
  if (own !== null || node === undefined) return own;
  const text = readStrings(node, "bootargs")?.[0];
  return text === undefined || dom0AgentSettings(text).length === 0
    ? null
    : { node, property: "bootargs", text };
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

import type { DeviceTree, DtNode } from "../device-tree/device-tree.ts";
import { isCompatible, readStrings, readU32 } from "../device-tree/property.ts";

const DOM0LESS_DOMAIN = "xen,domain";

/** What a dom0less domain's SCI type is called; the second is the shipping product's. */
export const SCI_TYPE_PROPERTIES = ["xen,sci_type", "xen,arm_sci"] as const;
export type SciTypeProperty = (typeof SCI_TYPE_PROPERTIES)[number];
/** What its agent is called; the second is that of RFC v4 and v5. */
export const SCI_AGENT_PROPERTIES = ["xen,sci-agent-id", "xen,sci_agent_id"] as const;
export type SciAgentProperty = (typeof SCI_AGENT_PROPERTIES)[number];

/** What a child of `/chosen` says of SCI, under any of the names that the properties have had. */
export interface Dom0lessGuest {
  readonly node: DtNode;
  /** Whether Xen would create it: it is compatible to `xen,domain`. */
  readonly isDomain: boolean;
  /** Null where the property is absent; the value is null where it is no text, or no number. */
  readonly type: { readonly property: SciTypeProperty; readonly value: string | null } | null;
  readonly agent: { readonly property: SciAgentProperty; readonly value: number | null } | null;
}

/** Whether a node is a domain that Xen itself creates, if it is where Xen looks for them. */
export function isDom0lessDomain(node: DtNode): boolean {
  return isCompatible(node, DOM0LESS_DOMAIN);
}

/** The domains that Xen itself creates at boot: the `xen,domain` nodes directly below `/chosen`, in tree order. */
export function dom0lessDomains(tree: DeviceTree): DtNode[] {
  return (tree.nodeByPath("/chosen")?.children ?? []).filter(isDom0lessDomain);
}

/** Every child of `/chosen` that is a domain or says something of SCI as one does, in tree order. */
export function dom0lessGuests(tree: DeviceTree): Dom0lessGuest[] {
  return (tree.nodeByPath("/chosen")?.children ?? []).flatMap((node) => {
    const isDomain = isDom0lessDomain(node);
    const type = SCI_TYPE_PROPERTIES.find((name) => node.properties.has(name));
    const agent = SCI_AGENT_PROPERTIES.find((name) => node.properties.has(name));
    if (!isDomain && type === undefined && agent === undefined) return [];
    return [
      {
        node,
        isDomain,
        type: type === undefined ? null : { property: type, value: readStrings(node, type)?.[0] ?? null },
        agent: agent === undefined ? null : { property: agent, value: readU32(node, agent) },
      },
    ];
  });
}

import type { Use } from "./uses.ts";

/** A node's name without its unit address. */
export function baseName(name: string): string {
  const at = name.indexOf("@");
  return at === -1 ? name : name.slice(0, at);
}

/** Text of a tree as a board file can have it: printable ASCII. */
export function printable(text: string): string {
  return text.replace(/[^ -~]/g, "?");
}

/**
 * Names for the resources of one protocol, each its own. A label that all users agree on and that is no other resource's is the
 * name; else the first user's name with its label, and the id where that is taken.
 */
export function namesOf(uses: readonly Use[]): ReadonlyMap<number, string> {
  const labels = new Map<string, Set<number>>();
  const users = new Map<number, Use[]>();
  for (const use of uses) {
    const known = users.get(use.id);
    if (known === undefined) users.set(use.id, [use]);
    else known.push(use);
    if (use.label === null) continue;
    const ids = labels.get(use.label);
    if (ids === undefined) labels.set(use.label, new Set([use.id]));
    else ids.add(use.id);
  }
  const names = new Map<number, string>();
  const taken = new Set<string>();
  for (const id of [...users.keys()].sort((a, b) => a - b)) {
    const own = users.get(id) ?? [];
    const [first] = own;
    const label = first?.label ?? null;
    const isShared = label === null || label === "" || own.some((use) => use.label !== label);
    const user = baseName(first?.node.name ?? "");
    const wanted =
      !isShared && labels.get(label)?.size === 1 ? label : label === null ? user : `${user}-${label}`;
    const name = printable(taken.has(wanted) ? `${wanted}-${id}` : wanted);
    taken.add(name);
    names.set(id, name);
  }
  return names;
}

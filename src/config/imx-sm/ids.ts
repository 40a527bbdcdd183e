import type { Assumptions } from "../draft/draft.ts";
import type { HeaderNumbers } from "./headers.ts";
import { LISTED, LISTED_PREFIXES, type ListedPrefix, type ResourceName } from "./resources.ts";

/** Ids of a board file are below this. */
const IDS = 0x1_0000;

/** A resource with the id that messages name it by. */
export interface Identified extends ResourceName {
  readonly prefix: ListedPrefix;
  readonly id: number;
}

/**
 * The resources of every listed kind, by id. Ids are those of the headers, which may know resources that the configuration names
 * nowhere; a resource that no header knows takes the next free id, in the order of the configuration.
 */
export function identify(
  resources: readonly ResourceName[],
  headers: HeaderNumbers,
  assumptions: Assumptions,
): ReadonlyMap<ListedPrefix, readonly Identified[]> {
  const kinds = new Map<ListedPrefix, Identified[]>();
  for (const prefix of LISTED_PREFIXES) {
    const byId = new Map<number, Identified>();
    const named = resources.filter((resource) => resource.prefix === prefix);
    const left: ResourceName[] = [];
    for (const resource of named) {
      const id = headers.get(resource.full);
      if (id === null || id >= IDS || byId.has(id)) left.push(resource);
      else byId.set(id, { ...resource, prefix, id });
    }
    if (byId.size > 0) addFromHeaders(prefix, headers, byId);
    let next = [...byId.keys()].reduce((highest, id) => Math.max(highest, id), -1) + 1;
    for (const resource of left) {
      const field = `firmware.${LISTED[prefix].list}[].id`;
      const id = assumptions.take(
        field,
        next,
        "the next free one: no header gives it a number (--ids)",
        next,
      );
      byId.set(id, { ...resource, prefix, id });
      next += 1;
    }
    kinds.set(
      prefix,
      [...byId.values()].sort((a, b) => a.id - b.id),
    );
  }
  return kinds;
}

/** Resources of a kind that only headers name. Of several names for an id, the first is the resource's: the list comes first. */
function addFromHeaders(prefix: ListedPrefix, headers: HeaderNumbers, byId: Map<number, Identified>): void {
  const { count } = LISTED[prefix];
  const ofDevice = headers.get(`DEV_SM_NUM_${count}`);
  if (ofDevice === null) return;
  const total = ofDevice + (headers.get(`BRD_SM_NUM_${count}`) ?? 0);
  const pattern = new RegExp(`^(?:DEV|BRD)_SM_${prefix.toUpperCase()}_(\\w+)$`);
  for (const full of headers.names()) {
    const short = pattern.exec(full)?.[1];
    if (short === undefined) continue;
    const id = headers.get(full);
    if (id === null || id >= total || id >= IDS || byId.has(id)) continue;
    byId.set(id, { prefix, full, short, id });
  }
}

/** The id of every resource, by its full name. */
export function idsByName(
  kinds: ReadonlyMap<ListedPrefix, readonly Identified[]>,
): ReadonlyMap<string, number> {
  return new Map([...kinds.values()].flat().map(({ full, id }) => [full, id]));
}

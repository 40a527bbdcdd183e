import type { Assumptions, DraftMap } from "../draft/draft.ts";
import type { ImxConfig } from "./config.ts";
import type { HeaderNumbers } from "./headers.ts";
import { type Identified, idsByName } from "./ids.ts";
import { LISTED, LISTED_PREFIXES, type ListedPrefix } from "./resources.ts";

/** The devices of a board file, and the id of each that the configuration has levels on. */
export interface BoardDevices {
  readonly devices: readonly DraftMap[];
  readonly ids: ReadonlyMap<string, number>;
}

const NOT_NUMBERED = "the next free one: the System Manager has no number for a peripheral";

/**
 * Devices: those that the base protocol knows (`BASE_DEV_…`), and behind them a device for each peripheral, which groups its
 * resources for the agents that have them.
 */
export function boardDevices(
  { resources, peripherals }: ImxConfig,
  kinds: ReadonlyMap<ListedPrefix, readonly Identified[]>,
  headers: HeaderNumbers,
  assumptions: Assumptions,
): BoardDevices {
  const ids = new Map<string, number>();
  const agentCount = headers.get("DEV_SM_NUM_AGENT");
  const own = resources.filter(({ prefix, short }) => prefix === "base" && short.startsWith("DEV_"));
  const unnumbered: string[] = [];
  for (const { full } of own) {
    const index = headers.get(full);
    const id = index === null || agentCount === null ? -1 : index - agentCount;
    if (id >= 0 && ![...ids.values()].includes(id)) ids.set(full, id);
    else unnumbered.push(full);
  }
  let next = [...ids.values()].reduce((highest, id) => Math.max(highest, id), -1) + 1;
  const free = (why: string): number => {
    const id = assumptions.take("firmware.devices[].id", next, why, next);
    next += 1;
    return id;
  };
  for (const full of unnumbered)
    ids.set(full, free("the next free one: no header gives it a number (--ids)"));

  const named = own.map(({ full, short }) => {
    return { id: ids.get(full) ?? 0, name: short.slice("DEV_".length).toLowerCase() };
  });
  const known = idsByName(kinds);
  const grouped = peripherals.map((peripheral): DraftMap => {
    const lists = LISTED_PREFIXES.flatMap((prefix) => {
      const own = peripheral.resources.filter((resource) => resource.prefix === prefix);
      const members = [...new Set(own.flatMap(({ full }) => known.get(full) ?? []))].sort((a, b) => a - b);
      return members.length === 0 ? [] : [[LISTED[prefix].list, members] as const];
    });
    return {
      id: free(NOT_NUMBERED),
      name: peripheral.name.toLowerCase(),
      ...Object.fromEntries(lists),
      defaultAccess: peripheral.agents,
    };
  });
  return { devices: [...named.sort((a, b) => a.id - b.id), ...grouped], ids };
}

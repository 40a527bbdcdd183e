import type { DeviceTree } from "../device-tree/device-tree.ts";
import type { Assumptions, DraftMap, DraftValue } from "../draft/draft.ts";
import { namesOf } from "./names.ts";
import type { TreeProtocols } from "./protocols.ts";
import { assignedRates, type Use, type UsedProtocol } from "./uses.ts";

/** The board file's list for each protocol whose resources nodes refer to. */
export const USED_LISTS = {
  power: "powerDomains",
  clock: "clocks",
  reset: "resets",
  performance: "performanceDomains",
  sensor: "sensors",
} as const satisfies Record<UsedProtocol, string>;
export const USED_PROTOCOLS = Object.keys(USED_LISTS) as UsedProtocol[];

const CLOCK_RANGE = { min: 0, max: 0xffff_ffff, step: 1 };
const CLOCK_RATE = 24_000_000;
const LEVELS = [1, 2, 3, 4].map((step) => ({ value: step * 100_000 }));
/** SCMI's number of degrees Celsius. */
const CELSIUS = 2;
const UNKNOWN = "the tree does not say what it can do";

/** The lists of the resources that nodes use. What they can do is mostly assumed; what nobody uses is not there. */
export function usedResources(
  tree: DeviceTree,
  protocols: TreeProtocols,
  uses: readonly Use[],
  assumptions: Assumptions,
): { readonly [list: string]: readonly DraftMap[] } {
  const rates = assignedRates(tree, protocols);
  const more: { readonly [Protocol in UsedProtocol]: (id: number) => DraftMap } = {
    power: () => ({}),
    reset: () => ({}),
    clock(id) {
      const range = assume("clocks", "range", id, CLOCK_RANGE);
      return { range, rate: rates.get(id) ?? assume("clocks", "rate", id, CLOCK_RATE) };
    },
    performance: (id) => ({ levels: assume("performanceDomains", "levels", id, LEVELS) }),
    sensor: (id) => ({
      type: assume("sensors", "type", id, CELSIUS),
      exponent: assume("sensors", "exponent", id, -3),
      reading: assume("sensors", "reading", id, 25_000),
    }),
  };
  function assume<Value extends DraftValue>(list: string, field: string, id: number, value: Value): Value {
    return assumptions.take(`firmware.${list}[].${field}`, value, UNKNOWN, id);
  }
  return Object.fromEntries(
    USED_PROTOCOLS.map((protocol) => {
      const names = namesOf(uses.filter((use) => use.protocol === protocol));
      const list = [...names].map(([id, name]) => ({ id, name, ...more[protocol](id) }));
      return [USED_LISTS[protocol], list] as const;
    }),
  );
}

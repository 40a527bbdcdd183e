import { bytesOfItem, type Layout, layoutFor } from "#scmi/layout.ts";
import type { Command } from "#scmi/protocol.ts";
import type { Context } from "../server-types.ts";

/** The part of a list that one answer has room for. */
export interface ListPage<Item> {
  readonly items: readonly Item[];
  readonly returned: number;
  readonly remaining: number;
}

/**
 * As many items of a list, from number `index` on, as fit one answer of a command: at least one where there is one, or the agent
 * would ask for ever.
 */
export function listPage<Item>(
  { board, spoken }: Context,
  command: Command,
  items: readonly Item[],
  index: number,
): ListPage<Item> {
  const { size, list } = layoutFor(command.responseLayouts, spoken.layout);
  const { item } = list as NonNullable<Layout["list"]>;
  let room = board.switches.maxListPayload - size;
  let end = index;
  for (const value of items.slice(index, index + room)) {
    room -= bytesOfItem(item, value);
    if (room < 0 && end > index) break;
    end += 1;
  }
  return {
    items: items.slice(index, end),
    returned: Math.max(end - index, 0),
    remaining: Math.max(items.length - end, 0),
  };
}

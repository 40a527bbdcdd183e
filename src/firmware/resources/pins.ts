import type { PinFunctionConfig } from "#config/board/board.ts";
import { PIN_SELECTORS } from "#scmi/protocols/pin-control.ts";
import type { Draft } from "../draft.ts";
import type { BoardIndex } from "./board-index.ts";

/** Pins as the pin control protocol names them: one by one, in groups, by functions. */

/** What a selector and an identifier name, in one form; null where they name nothing. */
export interface PinThing {
  readonly name: string;
  /** The pins of a pin or group, or the groups or pins of a function. */
  readonly members: readonly number[];
  readonly function: PinFunctionConfig | null;
}

/** Finds a pin, group or function. */
export function findPinThing(board: BoardIndex, selector: number, id: number): PinThing | null {
  switch (selector) {
    case PIN_SELECTORS.PIN: {
      const pin = board.resources.pinctrl.byId.get(id);
      return pin === undefined ? null : { name: pin.name, members: [id], function: null };
    }
    case PIN_SELECTORS.GROUP: {
      const group = board.pinGroups.byId.get(id);
      return group === undefined ? null : { name: group.name, members: group.pins, function: null };
    }
    case PIN_SELECTORS.FUNCTION: {
      const found = board.pinFunctions.byId.get(id);
      const members = found?.groups ?? found?.pins ?? [];
      return found === undefined ? null : { name: found.name, members, function: found };
    }
    default:
      return null;
  }
}

/** Whether a pin, or every pin of a group, can have a function. */
export function canHaveFunction(
  board: BoardIndex,
  { groups, pins }: PinFunctionConfig,
  selector: number,
  id: number,
): boolean {
  const members = findPinThing(board, selector, id)?.members ?? [];
  if (pins !== null) return members.every((pin) => pins.includes(pin));
  if (selector === PIN_SELECTORS.GROUP) return groups?.includes(id) ?? false;
  return (groups ?? []).some((group) => board.pinGroups.byId.get(group)?.pins.includes(id));
}

/** Whether another agent has one of these pins for itself. */
export function isPinInUse(draft: Draft, pins: readonly number[], caller: number): boolean {
  return pins.some((pin) => (draft.get("pin", pin, "owner") ?? caller) !== caller);
}

/** Gives back all pins that an agent has for itself; their functions and configs stay. */
export function releasePins(draft: Draft, agentId: number): void {
  for (const pin of draft.rows("pin")) {
    if (draft.get("pin", pin, "owner") === agentId) draft.set("pin", pin, "owner", undefined);
  }
}

/** The configs that were set of a pin, by type, ascending. */
export function pinConfigs(draft: Draft, pin: number): { readonly type: number; readonly value: number }[] {
  return Object.entries(draft.row("pin", pin)).flatMap(([column, value]) =>
    /^\d+$/.test(column) ? [{ type: Number(column), value: Number(value) }] : [],
  );
}

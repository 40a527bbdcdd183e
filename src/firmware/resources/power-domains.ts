import type { ScmiStatus } from "#scmi/status.ts";
import type { Draft } from "../draft.ts";
import type { PowerDomainCells } from "../state.ts";
import type { BoardIndex } from "./board-index.ts";

/** Where the power domains' cells are kept: a message's draft, or what power-on is making up. */
export interface PowerCells {
  read(domainId: number): PowerDomainCells;
  write(domainId: number, cells: PowerDomainCells): void;
}

/** The cells as a message sees them. */
export function cellsOf(draft: Draft): PowerCells {
  return {
    read: (domainId) => ({
      on: draft.get("powerDomain", domainId, "on") ?? false,
      count: draft.get("powerDomain", domainId, "count") ?? 0,
    }),
    write: (domainId, { on, count }) => {
      draft.set("powerDomain", domainId, "on", on);
      draft.set("powerDomain", domainId, "count", count);
    },
  };
}

/**
 * One more user of a domain. The first one switches it on, after it became a user of the parent.
 *
 * @see profile-ref.md, "Power domains"
 */
export function hold(board: BoardIndex, cells: PowerCells, domainId: number): void {
  const { count } = cells.read(domainId);
  const parent = parentOf(board, domainId);
  if (count === 0 && parent !== null) hold(board, cells, parent);
  cells.write(domainId, { on: true, count: count + 1 });
}

/**
 * One user of a domain less, where every request counts (`pdRefCount: global`). The last one switches it off, and then the
 * parent loses this user: the answer is the parent's, which can be BUSY although the domain itself went off.
 */
export function release(board: BoardIndex, cells: PowerCells, domainId: number): ScmiStatus {
  const { count } = cells.read(domainId);
  if (count === 0) return "BUSY";
  if (count > 1) {
    cells.write(domainId, { on: true, count: count - 1 });
    return "SUCCESS";
  }
  if (board.resources.power.byId.get(domainId)?.alwaysOn) return "BUSY";
  cells.write(domainId, { on: false, count: 0 });
  const parent = parentOf(board, domainId);
  return parent === null ? "SUCCESS" : release(board, cells, parent);
}

/**
 * Sets a domain on or off where a request holds until the next one (`pdRefCount: none`, or the votes of all agents together):
 * asking twice is asking once. It stays
 * on while a child is on; an always-on domain stays on whatever is asked.
 */
export function request(board: BoardIndex, cells: PowerCells, domainId: number, on: boolean): void {
  const children = board.powerChildren.get(domainId) ?? [];
  const users = children.filter((child) => cells.read(child).on).length;
  const isRequested = cells.read(domainId).count > users;
  if (on === isRequested) return;
  if (on) hold(board, cells, domainId);
  else if (!board.resources.power.byId.get(domainId)?.alwaysOn) release(board, cells, domainId);
}

function parentOf(board: BoardIndex, domainId: number): number | null {
  return board.resources.power.byId.get(domainId)?.parent ?? null;
}

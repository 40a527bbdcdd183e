import { assert } from "#base/assert.ts";
import type { BoardIndex } from "../../resources/board-index.ts";

/** A logical machine: its agents number each other from 1 and see no others. */
export interface Instance {
  /** Place in the board file, from 0. */
  readonly index: number;
  /** Ids of the board file, in the order of the numbers. */
  readonly agents: readonly number[];
}

const INSTANCES = new WeakMap<BoardIndex, readonly Instance[]>();

/** The instances of a board; where none is listed, one with all agents. */
export function instancesOf(board: BoardIndex): readonly Instance[] {
  const known = INSTANCES.get(board);
  if (known !== undefined) return known;
  const { instances, agents } = board.config;
  const lists =
    instances.length === 0 ? [agents.map(({ id }) => id)] : instances.map((instance) => instance.agents);
  const made = lists.map((ids, index): Instance => ({ index, agents: ids }));
  INSTANCES.set(board, made);
  return made;
}

/** The instance of an agent of the board. */
export function instanceOf(board: BoardIndex, agentId: number): Instance {
  const found = instancesOf(board).find(({ agents }) => agents.includes(agentId));
  assert(found !== undefined, `every agent of a board is of an instance, agent ${agentId} too`);
  return found;
}

/** Whether an agent is of the instance that holds what is so at power-on. */
export function isOfFirst(board: BoardIndex, agentId: number): boolean {
  return instanceOf(board, agentId).index === 0;
}

/** The number by which messages name an agent of the board. */
export function numberOf(board: BoardIndex, agentId: number): number {
  return instanceOf(board, agentId).agents.indexOf(agentId) + 1;
}

/** The agent of the board that a number stands for in the caller's messages, or undefined; 0 is the platform. */
export function agentNumbered(board: BoardIndex, caller: number, number: number): number | undefined {
  return instanceOf(board, caller).agents[number - 1];
}

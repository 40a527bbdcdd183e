import type { BoardIndex } from "../../resources/board-index.ts";
import { performanceAtPowerOn } from "../../resources/performance-levels.ts";
import { BOOT } from "../../resources/votes.ts";
import type { PerformanceVoteCells, VoltageVoteCells } from "../../state.ts";

/** Rows of tables that only imx has. */
export interface OwnVotes {
  readonly performance: ReadonlyMap<number, PerformanceVoteCells>;
  readonly voltage: ReadonlyMap<number, VoltageVoteCells>;
}

/** What is so at power-on is a vote of the first instance. */
export function votesAtPowerOn(board: BoardIndex): OwnVotes {
  const levels = performanceAtPowerOn(board);
  const on = board.config.voltageDomains.filter(({ mode }) => mode === "on");
  return {
    performance: new Map([...levels].map(([id, { level }]) => [id, { 0: level }])),
    voltage: new Map(on.map(({ id }) => [id, { [BOOT]: true }])),
  };
}

import type { PerformanceDomainConfig } from "#config/board/board.ts";
import type { Draft } from "../draft.ts";
import type { PerformanceCells } from "../state.ts";
import type { BoardIndex } from "./board-index.ts";

/** Version from which levels can go by index. */
const INDEXING_VERSION = 0x4_0000;

/** Whether messages name a domain's levels by their index. */
export function isIndexed(
  { switches, profile }: BoardIndex,
  { levelIndexing }: PerformanceDomainConfig,
): boolean {
  const version = profile.protocols["performance"]?.version ?? 0;
  return version >= INDEXING_VERSION && (levelIndexing ?? switches.levelIndexing);
}

/** The numbers by which messages name a domain's levels, ascending: values, or indexes. */
export function levelNumbers(board: BoardIndex, domain: PerformanceDomainConfig): readonly number[] {
  return isIndexed(board, domain)
    ? domain.levels.map((_, index) => index)
    : domain.levels.map(({ value }) => value);
}

/** State of every performance domain at power-on. */
export function performanceAtPowerOn(board: BoardIndex): Map<number, PerformanceCells> {
  return new Map(
    board.config.performanceDomains.map((domain) => [
      domain.id,
      { level: numberOf(board, domain, domain.level), ...limitsAtPowerOn(board, domain) },
    ]),
  );
}

/** The limits of a domain at power-on, as messages name them. */
function limitsAtPowerOn(board: BoardIndex, domain: PerformanceDomainConfig): { min: number; max: number } {
  const numbers = levelNumbers(board, domain);
  const { min, max } = domain.limits ?? { min: null, max: null };
  return {
    min: min === null ? (numbers[0] ?? 0) : numberOf(board, domain, min),
    max: max === null ? (numbers.at(-1) ?? 0) : numberOf(board, domain, max),
  };
}

/** A level as messages name it: the board file may name it the other way. */
function numberOf(board: BoardIndex, domain: PerformanceDomainConfig, level: number): number {
  const numbers = levelNumbers(board, domain);
  if (numbers.includes(level)) return level;
  const index = domain.levels.findIndex(({ value }) => value === level);
  return numbers[index < 0 ? level : index] ?? (numbers[0] as number);
}

/** The level that a domain moves to when its limits leave out the one that it has: the nearest that they allow. */
export function levelWithin(
  numbers: readonly number[],
  level: number,
  { min, max }: { readonly min: number; readonly max: number },
): number {
  const allowed = numbers.filter((number) => number >= min && number <= max);
  if (level > max) return allowed.at(-1) ?? level;
  return level < min ? (allowed[0] ?? level) : level;
}

/** Takes back the limits that an agent was the last to set. */
export function resetLimits(board: BoardIndex, draft: Draft, agentId: number): void {
  for (const domainId of draft.rows("performance")) {
    const domain = board.resources.performance.byId.get(domainId);
    if (domain === undefined || draft.get("performance", domainId, "limitsBy") !== agentId) continue;
    const { min, max } = limitsAtPowerOn(board, domain);
    draft.set("performance", domainId, "min", min);
    draft.set("performance", domainId, "max", max);
    draft.set("performance", domainId, "limitsBy", undefined);
  }
}

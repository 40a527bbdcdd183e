/** One thing to measure: runs for about a turn and says how many it did. */
export interface Runner {
  readonly name: string;
  /** Does some work; returns how many units it did. */
  readonly turn: () => number | Promise<number>;
}

const TURN_MS = 50;

/**
 * Measures several runners in turns of about 50 ms inside one process, so that a machine whose speed drifts drifts for all of
 * them. Rates are units a second, the median of the rounds; one round more comes first, which does not count.
 */
export async function inTurns(runners: readonly Runner[], rounds: number): Promise<Map<string, number>> {
  const rates = new Map<string, number[]>(runners.map(({ name }) => [name, []]));
  for (let round = -1; round < rounds; round += 1) {
    for (const { name, turn } of runners) {
      const started = process.hrtime.bigint();
      let units = 0;
      let elapsedNs = 0;
      while (elapsedNs < TURN_MS * 1e6) {
        units += await turn();
        elapsedNs = Number(process.hrtime.bigint() - started);
      }
      if (round >= 0) rates.get(name)?.push((units * 1e9) / elapsedNs);
    }
  }
  return new Map([...rates].map(([name, values]) => [name, median(values)]));
}

/** The middle one of some figures. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** The value that so large a share of the others does not exceed: 0.99 for the 99th percentile. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * share) - 1] ?? 0;
}

/** A rate as people read it. */
export function rate(value: number): string {
  return value >= 1e6
    ? `${(value / 1e6).toFixed(2)}M/s`
    : value >= 1e3
      ? `${(value / 1e3).toFixed(1)}k/s`
      : `${value.toFixed(0)}/s`;
}

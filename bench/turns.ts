/** One thing to measure: runs for about a turn and says how many it did. */
export interface Runner {
  readonly name: string;
  /** Does some work; returns how many units it did. */
  readonly turn: () => number | Promise<number>;
}

const TURN_MS = 50;
const ROUNDS = 9;

/**
 * Measures several runners in turns of about 50 ms inside one process, so that a machine whose speed drifts drifts for all of
 * them. Rates are units a second, the median of the rounds.
 */
export async function inTurns(runners: readonly Runner[], rounds = ROUNDS): Promise<Map<string, number>> {
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

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** One line of the report. */
export function report(what: string, ratio: number, wanted: string, details: string): void {
  console.log(`${what.padEnd(52)} ${ratio.toFixed(2).padStart(7)}   wanted ${wanted.padEnd(8)} ${details}`);
}

export function rate(value: number): string {
  return value >= 1e6
    ? `${(value / 1e6).toFixed(2)}M/s`
    : value >= 1e3
      ? `${(value / 1e3).toFixed(1)}k/s`
      : `${value.toFixed(0)}/s`;
}

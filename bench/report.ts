/** Rounds in which figures are taken by turns. */
export const ROUNDS = 9;

/** One line of the report. */
export function report(what: string, ratio: number, wanted: string, details: string): void {
  console.log(`${what.padEnd(52)} ${ratio.toFixed(2).padStart(7)}   wanted ${wanted.padEnd(8)} ${details}`);
}

/** Whether this is `npm run nightly`, which tries more of everything that is random. */
export const NIGHTLY: boolean = process.env["NIGHTLY"] === "1";

/** How often something random is tried: every time, or in the nightly run. */
export function runs(daily: number, nightly: number): number {
  return NIGHTLY ? nightly : daily;
}

import { note } from "./output.ts";

/** Work that takes longer than this says so. */
export const QUIET_MS = 1000;

/** Says on standard error how far something is, once a second, and nothing of what is done within the first. */
export function slowProgress(doing: string): (done: number, total: number, unit: string) => void {
  let lastMs = performance.now();
  return (done, total, unit) => {
    const nowMs = performance.now();
    if (nowMs - lastMs < QUIET_MS) return;
    lastMs = nowMs;
    note(`scmictl: ${doing}: ${done} of ${total} ${unit}`);
  };
}

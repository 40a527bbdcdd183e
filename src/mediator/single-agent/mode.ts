import type { MediatorState } from "../state.ts";

/** Index of the one channel that the single-agent mediator has. */
export const ONLY_CHANNEL = 0;

/** Address of a page that nobody has told: neither the SCMI node nor the board file. No page of a board is there. */
export const NO_PAGE = 0;

/** Whether it is the single-agent mediator that is registered: it sends no message of its own and assigns no device. */
export function isSingleAgent({ driver }: MediatorState): boolean {
  return driver.get(0)?.mode === "single-agent";
}

import { isProblem } from "#base/problem.ts";
import type { HostDescription } from "#config/board/board.ts";
import { loadHost } from "#inputs/load-host.ts";

/** The small example board: its firmware is profile v32, Xen is agent 1, dom0 agent 0, guests 2 and 3. */
export const TWO_GUESTS = "examples/two-guests/board.yaml";

/** The small example board, loaded; its firmware part changed where a test says so. */
export async function twoGuests(
  firmware: Partial<HostDescription["board"]["firmware"]> = {},
  xen: Partial<HostDescription["board"]["xen"]> = {},
): Promise<HostDescription> {
  const host = await loadHost(TWO_GUESTS);
  if (isProblem(host)) throw new Error(host.detail);
  const { board } = host;
  return {
    ...host,
    board: { ...board, xen: { ...board.xen, ...xen }, firmware: { ...board.firmware, ...firmware } },
  };
}

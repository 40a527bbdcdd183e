import type { FirmwareConfig } from "#config/board/board.ts";
import type { ClockCells, PinCells, PowercapCells, VoltageCells } from "../state.ts";

/** What a board says of its resources at power-on, as rows of the tables. */

/** A clock without parents has no cell for one. */
export function clocksAtPowerOn({ clocks }: FirmwareConfig): Map<number, Partial<ClockCells>> {
  return new Map(
    clocks.map(({ id, rate, enabled, parent = null }) => [
      id,
      parent === null ? { rate, enabled } : { rate, enabled, parent },
    ]),
  );
}

export function voltageDomainsAtPowerOn({ voltageDomains }: FirmwareConfig): Map<number, VoltageCells> {
  return new Map(voltageDomains.map(({ id, level, mode }) => [id, { level, on: mode === "on" }]));
}

export function powerCapsAtPowerOn({ powerCaps }: FirmwareConfig): Map<number, Partial<PowercapCells>> {
  return new Map(
    powerCaps.map((domain) => {
      const cells: { [cell: string]: number } = { pai: domain.pai };
      for (const [cpli, { cap, cai }] of [domain, ...domain.limits].entries()) {
        cells[`cap${cpli}`] = cap;
        cells[`cai${cpli}`] = cai;
      }
      return [domain.id, cells];
    }),
  );
}

/** A pin without a function has no row. */
export function pinsAtPowerOn({ pins }: FirmwareConfig): Map<number, Partial<PinCells>> {
  return new Map(
    pins.flatMap((pin) => (pin.function === null ? [] : [[pin.id, { function: pin.function }]])),
  );
}

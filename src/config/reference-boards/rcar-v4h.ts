import {
  ALWAYS_ON_DOMAINS,
  CORE_CLOCK_COUNT,
  CORE_CLOCKS,
  FORCED_ON_DOMAINS,
  MODULE_CLOCKS,
  POWER_DOMAIN_COUNT,
  POWER_DOMAINS,
  RESET_MODULES,
  RUNNING_AT_BOOT,
} from "./rcar-v4h-tables.ts";

/** The resources of R-Car V4H's firmware, as a board file would write them. It knows no devices. */
export function rcarV4hResources(): Readonly<Record<string, readonly object[]>> {
  return {
    powerDomains: indices(POWER_DOMAIN_COUNT).map(powerDomain),
    clocks: [
      ...indices(CORE_CLOCK_COUNT).map(coreClock),
      ...MODULE_CLOCKS.map(({ id, name, rate }) => ({
        id,
        name,
        rates: [rate],
        enabled: RUNNING_AT_BOOT.includes(name),
      })),
    ],
    resets: RESET_MODULES.map((module, id) => ({ id, name: `reset_${module}` })),
  };
}

/** Ids that nothing uses are domains that are always on. */
function powerDomain(id: number): object {
  const known = POWER_DOMAINS.find((domain) => domain.id === id);
  if (known === undefined) return { id, name: `reserved-${id}`, alwaysOn: true };
  const forced = FORCED_ON_DOMAINS.includes(id);
  return {
    ...known,
    alwaysOn: forced || ALWAYS_ON_DOMAINS.includes(id),
    initial: forced ? "on" : "off",
  };
}

/** Core clocks cannot be set. Ids that nothing uses are clocks of 0 Hz. */
function coreClock(id: number): object {
  const { name, rate } = CORE_CLOCKS.find((clock) => clock.id === id) ?? { name: `reserved-${id}`, rate: 0 };
  return { id, name, rates: [rate], enabled: true, fixed: true };
}

function indices(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

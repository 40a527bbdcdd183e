import type { AnyHandlers } from "../../server-types.ts";
import { base } from "./base.ts";
import { clock } from "./clock.ts";
import { performance } from "./performance.ts";
import { pinControl } from "./pin-control.ts";
import { powerDomain } from "./power-domain.ts";
import { resetDomain } from "./reset-domain.ts";
import { sensor } from "./sensor.ts";
import { systemPower } from "./system-power.ts";
import { voltageDomain } from "./voltage-domain.ts";

/** imx's own code, by protocol. */
export const handlers: { readonly [protocol: string]: AnyHandlers } = {
  base,
  power: powerDomain,
  system: systemPower,
  performance,
  clock,
  sensor,
  reset: resetDomain,
  voltage: voltageDomain,
  pinctrl: pinControl,
};

import type { ProfileName } from "#config/board/board.ts";
import type { AnyHandlers } from "../server-types.ts";
import { handlers as imx } from "./imx/handlers.ts";
import * as rcar from "./rcar/handlers.ts";
import { pinControl as rpi5Pins } from "./rpi5/pin-control.ts";
import { policy as rpi5 } from "./rpi5/policy.ts";
import { handlers as scp } from "./scp/handlers.ts";
import * as tfa from "./tfa/handlers.ts";
import { sensor as tfaSensor } from "./tfa/sensor.ts";

/** Code that profiles have of their own, by the names of protocol and command. What is left out is everybody's. */
export const OWN_HANDLERS: {
  readonly [Name in ProfileName]?: { readonly [protocol: string]: AnyHandlers };
} = {
  "ref-rcar": { base: rcar.base, clock: rcar.clock },
  "ref-rpi5": { base: rpi5, pinctrl: rpi5Pins },
  tfa: { base: tfa.base, clock: tfa.clock, reset: tfa.resetDomain, sensor: tfaSensor },
  scp,
  imx,
};

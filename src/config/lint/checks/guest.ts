import type { Check } from "../check.ts";
import { armSci } from "./guest/arm-sci.ts";
import { onReboot } from "./guest/on-reboot.ts";
import { dtdevPaths, typeOfMediator } from "./guest/xl-and-host.ts";
import { grammar, passthrough, refusals } from "./guest/xl-refuses.ts";

/** Rules DM, XL and DT. */
export const GUEST_CHECKS: readonly Check[] = [
  grammar,
  armSci,
  passthrough,
  refusals,
  onReboot,
  dtdevPaths,
  typeOfMediator,
];

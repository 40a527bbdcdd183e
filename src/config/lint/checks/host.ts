import type { Check } from "../check.ts";

/** Rules MA, CL and FW. */
export const HOST_CHECKS: readonly Check[] = [];

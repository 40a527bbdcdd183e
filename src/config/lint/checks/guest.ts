import type { Check } from "../check.ts";

/** Rules DM, XL and DT. */
export const GUEST_CHECKS: readonly Check[] = [];

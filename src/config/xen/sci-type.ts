/** Names of a domain's SCI type, as xl.cfg (`type=` of `arm_sci`) and the device tree (`xen,sci_type`) spell them. */
export const SCI_TYPES = ["none", "scmi_smc", "scmi_smc_multiagent"] as const;

/**
 * A domain's SCI type: no SCI, the single-agent driver, or an agent of its own.
 *
 * @see xen/include/public/arch-arm.h, `XEN_DOMCTL_CONFIG_ARM_SCI_*` (0, 1, 2 in this order)
 */
export type SciType = (typeof SCI_TYPES)[number];

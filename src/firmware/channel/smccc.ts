/** SMCCC: how an SMC's function id is read, and what an unknown one returns. @see Arm DEN0028 */

/** The function id of an SMC: the low word of x0. The upper half is not looked at. */
export function functionIdOf(x: readonly bigint[]): number {
  return Number(BigInt.asUintN(32, x[0] ?? 0n));
}

/** Whether a function id is a fast call to the silicon provider's service: bit 31, owner 2. */
export function isFastSip(funcId: number): boolean {
  return funcId >>> 31 === 1 && ((funcId >>> 24) & 0x3f) === 2;
}

/** SMC_UNK: a fast SiP service of TF-A keeps it in 32 bits, its dispatcher in 64. */
export const UNKNOWN_32 = 0xffff_ffffn;
export const UNKNOWN_64 = 0xffff_ffff_ffff_ffffn;

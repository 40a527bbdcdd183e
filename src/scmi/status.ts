/**
 * SCMI status codes, by name.
 *
 * @see Arm DEN0056, "Status codes"
 */
export const SCMI_STATUS = {
  SUCCESS: 0,
  NOT_SUPPORTED: -1,
  INVALID_PARAMETERS: -2,
  DENIED: -3,
  NOT_FOUND: -4,
  OUT_OF_RANGE: -5,
  BUSY: -6,
  COMMS_ERROR: -7,
  GENERIC_ERROR: -8,
  HARDWARE_ERROR: -9,
  PROTOCOL_ERROR: -10,
  IN_USE: -11,
} as const;

/** Name of an SCMI status. */
export type ScmiStatus = keyof typeof SCMI_STATUS;

const NAMES = new Map<number, ScmiStatus>(
  Object.entries(SCMI_STATUS).map(([name, code]) => [code, name as ScmiStatus]),
);

/** The name of a status word read as i32, or the number itself as text where SCMI gives it no name. */
export function statusName(code: number): string {
  return NAMES.get(code) ?? String(code);
}

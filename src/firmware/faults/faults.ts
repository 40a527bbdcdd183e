/**
 * What a simulation makes the firmware do wrong. `message` (SCMI's name, e.g. `BASE_SET_DEVICE_PERMISSIONS`) and `funcId`
 * limit which rings it meets; with `message`, only a pending message matches (the channel not FREE). `times` counts down.
 */
export interface Fault {
  readonly action: "status" | "x0" | "busy" | "error" | "length" | "pad";
  /** `status`: any i32; `x0`: any u64; `length`: the length word; `pad`: how many zero bytes. */
  readonly value?: number | bigint;
  readonly message?: string;
  readonly funcId?: number;
}

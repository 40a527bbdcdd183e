import type { Json } from "#base/canonical-json.ts";
import type { Errno } from "#base/errno.ts";
import type { Problem } from "#base/problem.ts";
import type { DomainOrigin } from "#events/types.ts";
import type { DomainState } from "#mediator/state.ts";

/** A device assigned to a domain: the SCMI devices that it got permission for, and since which event. */
export interface AssignedDevice {
  readonly path: string;
  readonly deviceIds: readonly number[];
  readonly seq: number;
}

/** A domain as the API shows it. */
export interface DomainView {
  readonly domid: number;
  readonly uuid: string;
  readonly name: string;
  readonly origin: DomainOrigin;
  readonly state: DomainState | "destroyed";
  readonly sciType: string;
  readonly agentId: number | null;
  readonly devices: readonly AssignedDevice[];
  readonly createdSeq: number;
  readonly destroyedSeq: number | null;
}

export interface BootResult {
  readonly epoch: number;
  readonly firstSeq: number;
  readonly lastSeq: number;
}

/** Registers are hex strings, the page is hex: its first 128 bytes, or up to the end of the message. */
export interface SmcView {
  readonly handled: boolean;
  readonly x: readonly string[];
  readonly shmem: string;
  readonly seq: number;
}

/** What a management message came to. `status` is null where no answer was read. */
export interface ManagementResult {
  readonly status: string | null;
  readonly errno: Errno | null;
  readonly seq: number;
}

/** A whole SCMI transfer. `status` is null where no answer came back: then `x` says what the SMC returned. */
export interface ScmiResult {
  readonly status: string | null;
  readonly statusCode: number | null;
  readonly result: { readonly [name: string]: unknown } | null;
  readonly header: string;
  readonly payload: string;
  readonly x: readonly string[];
  readonly seq: number;
  /** The request's payload, hex. */
  readonly request: string;
  /** Each transfer of a walk: `result` then has the items of all, and the other fields are the last one's. */
  readonly transfers?: readonly ScmiTransfer[];
}

/** One transfer of a walk; payloads in hex. */
export interface ScmiTransfer {
  readonly status: string | null;
  readonly request: string;
  readonly payload: string;
  readonly seq: number;
}

/** What a guest read in its platform-to-agent page and set FREE; `next` is what had waited for the page and lies there now. */
export interface AcknowledgeResult {
  readonly agentId: number;
  /** As `decodeSent` puts it into words, with header and payload in hex. */
  readonly message: Json;
  readonly next: Json;
  readonly seq: number;
}

/** New readings of a sensor, and what they made the firmware send. */
export interface SensorResult {
  readonly sensorId: number;
  readonly readings: readonly number[];
  readonly sent: Json;
  readonly seq: number;
}

/** An asynchronous command that is done: its status, and what it made the firmware send. */
export interface CompletionResult {
  readonly agentId: number;
  readonly protocol: string;
  readonly message: string;
  readonly token: number;
  readonly status: string;
  readonly statusCode: number;
  readonly sent: Json;
  readonly seq: number;
}

/** Something was recorded, and nothing else happened. */
export interface Recorded {
  readonly seq: number;
}

export type CommandResult =
  | DomainView
  | BootResult
  | AssignedDevice
  | SmcView
  | ManagementResult
  | ScmiResult
  | AcknowledgeResult
  | CompletionResult
  | SensorResult
  | Recorded;

/** What came of a command, beside its events: the result or the refusal, and the errno that Xen or the boot gave. */
export interface Outcome {
  readonly result: CommandResult | Problem;
  readonly errno: Errno | null;
}

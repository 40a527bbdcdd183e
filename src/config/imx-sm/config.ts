import type { AccessLevel } from "../board/board.ts";
import type { ImportNote } from "../draft/draft.ts";
import type { Prefix, ResourceName } from "./resources.ts";

/** A System Manager configuration, as far as SCMI goes. */
export interface ImxConfig {
  /** Names of the SoC and the board as `MAKE` has them, or null. */
  readonly soc: string | null;
  readonly board: string | null;
  /** Name of the configuration as `DOX` has it, or null. */
  readonly name: string | null;
  readonly machines: readonly LogicalMachine[];
  readonly agents: readonly ImxAgent[];
  /** Every resource that a line names, in order of appearance. */
  readonly resources: readonly ResourceName[];
  readonly peripherals: readonly Peripheral[];
  /** What starting logical machines does, in their order. */
  readonly starts: readonly StartCommand[];
  readonly notes: readonly ImportNote[];
}

/** A logical machine: `LM1 name="M7", rpc=scmi`. */
export interface LogicalMachine {
  readonly id: number;
  readonly name: string;
  readonly isScmi: boolean;
  /** Its place in the order of booting; 0: it does not boot by itself. */
  readonly boot: number;
  /** Whether the debug monitor takes it where none is named. */
  readonly isDefault: boolean;
  readonly where: string;
}

/** An SCMI agent: `SCMI_AGENT2 name="AP-NS"`. */
export interface ImxAgent {
  readonly id: number;
  readonly name: string;
  readonly machine: number;
  readonly isSecure: boolean;
  /** The agent whose levels it has instead of its own, or null. */
  readonly duplicate: number | null;
  /** What it may do, by the resource's full name; the last line that says so counts. */
  readonly levels: ReadonlyMap<string, GivenLevel>;
  /** Address of its mailbox's memory where the file gives one, or null. */
  readonly sharedMemory: number | null;
  /** Whether it has a channel by which the platform tells it of something. */
  readonly isNotified: boolean;
  readonly where: string;
}

export interface GivenLevel {
  readonly prefix: Prefix;
  readonly short: string;
  readonly level: AccessLevel;
  readonly where: string;
}

/** A definition that groups resources, which some agent has a level on: a peripheral. */
export interface Peripheral {
  readonly name: string;
  readonly resources: readonly ResourceName[];
  /** The agents whose sections name it with a level above none. */
  readonly agents: readonly number[];
}

/** `PD_M7 start=1`: done when its logical machine boots. */
export interface StartCommand {
  readonly machine: number;
  readonly resource: ResourceName;
  /** Place in the order of the machine's commands. */
  readonly order: number;
  readonly args: readonly number[];
  readonly where: string;
}

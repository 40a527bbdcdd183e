/** What a configuration cannot say, and a person may. Null: not said, so that a default is assumed. */
export interface ImxChoices {
  readonly name: string | null;
  /** Function id of agent 0's doorbell; the agents after it have the next ones. */
  readonly funcIdBase: number | null;
  /** First page of the agents' shared memory; each channel has one. */
  readonly shmemBase: number | null;
  /** The agent whose channel Xen's mediator has for itself; null: Xen has none. */
  readonly xenAgent: number | null;
  /** Host device tree to name in the board file; null: one is made. */
  readonly deviceTree: string | null;
}

/** The first function id of the published boards. */
export const FUNC_ID_BASE = 0x8200_0002;
/** Their first page. */
export const SHMEM_BASE = 0x47ff_0000;
export const PAGE_BYTES = 0x1000;

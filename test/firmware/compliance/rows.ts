import type { FirmwareConfig } from "#config/board.ts";
import { fullBoard } from "../support/boards.ts";
import { TestFirmware } from "../support/firmware.ts";

/**
 * A rule of the Arm compliance suite (scmi-reference.md 6), held against profile `v32`. Rows live in one file a protocol; a test
 * plays them, and docs/compliance.md lists them.
 */
export interface ComplianceRow {
  /** The suite's id, e.g. `b004`. */
  readonly id: string;
  /** What the suite checks, in a sentence without its full stop. */
  readonly rule: string;
  /** Plays the rule against a firmware just powered on, and gives what came of it: statuses by name, words, texts. */
  readonly play: (firmware: TestFirmware) => unknown;
  /** What the suite wants of it. */
  readonly wanted: unknown;
  /** Where `v32` gives something else: that, and why. */
  readonly unmet?: {
    readonly instead: unknown;
    /** Whose mistake it is, or what `v32` follows instead; one or two sentences. */
    readonly reason: string;
  };
  /** A board of the row's own; left out, {@link complianceBoard}. */
  readonly board?: FirmwareConfig;
}

/** The board that the rows are played on: agent 0 is trusted, agent 1 holds device 0, and agent 2 holds nothing. */
export const complianceBoard: FirmwareConfig = fullBoard("v32");

/** Plays a row on a firmware of its own. */
export function play({ play: run, board = complianceBoard }: ComplianceRow): unknown {
  return run(new TestFirmware(board));
}

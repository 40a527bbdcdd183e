import type { FirmwareConfig } from "#config/board/board.ts";
import { agents, fullBoard } from "../support/boards.ts";
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

/** Agents with pages for what the firmware sends by itself. */
export const AGENTS_WITH_P2A = agents(3).map((agent) => ({ ...agent, p2a: 0x4800_0000 + agent.id * 0x1000 }));

/**
 * The board that the rows are played on. Agent 1 plays the suite's agent: it is trusted, and holds device 0, which has power domain
 * 1, clock 0 and reset 0. Ids of every kind are 0, 1 and 3. Every optional message is there.
 */
export const complianceBoard: FirmwareConfig = fullBoard("v32", {
  agents: AGENTS_WITH_P2A,
  trustedAgents: [1],
  supports: {
    discoverAgent: true,
    setDevicePermissions: true,
    setProtocolPermissions: true,
    resetAgentConfiguration: true,
  },
});

/** Plays a row on a firmware of its own. */
export function play({ play: run, board = complianceBoard }: ComplianceRow): unknown {
  return run(new TestFirmware(board));
}

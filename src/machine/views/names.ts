import { boardNames } from "#events/board-names.ts";
import { type Names, NO_NAMES } from "#scmi/describe.ts";
import type { MachineState } from "../state/state.ts";

/** What the board in force knows of the ids in an event's messages; nothing where the event is of an earlier board. */
export function namesAt(state: MachineState, seq: number): Names {
  const configuration = state.configuration();
  if (configuration === undefined || seq < (state.host.get(0)?.configuredSeq ?? 0)) return NO_NAMES;
  return boardNames(configuration.board.firmware);
}

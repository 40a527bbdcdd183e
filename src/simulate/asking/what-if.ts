import { isProblem, type Problem, readEach } from "#base/problem.ts";
import { changedBoard } from "#config/board/change.ts";
import { boardFromJson, canonicalBoard } from "#config/board/file.ts";
import type { CommandPlace, WhatIfRequest } from "#replay/whatif/plan.ts";
import type { WhatIfReport } from "#replay/whatif/report.ts";
import { whatIf } from "#replay/whatif/whatif.ts";
import type { Database } from "#store/database.ts";
import { commandOf, playOf } from "../plays.ts";

/** A fork of a log as somebody asks for it, in values that can be sent: see {@link WhatIfRequest}. Commands are lines of scripts. */
export interface WhatIfAsked {
  readonly at: number;
  readonly to?: number | undefined;
  readonly skip?: readonly CommandPlace[] | undefined;
  readonly change?: readonly (CommandPlace & { readonly command: unknown })[] | undefined;
  readonly insert?: readonly { readonly seq: number; readonly command: unknown }[] | undefined;
  readonly time?: readonly (CommandPlace & { readonly timeUs: number })[] | undefined;
  /** Fields of the board, by their paths as messages show them. */
  readonly set?: readonly { readonly path: string; readonly value: unknown }[] | undefined;
  /** Short for `firmware.profile` and `xen.version`. */
  readonly profile?: string | undefined;
  readonly xenVersion?: string | undefined;
  /** Version of the rules. */
  readonly rules?: number | undefined;
}

/** What would have been otherwise; see {@link whatIf}. Refused besides as scripts refuse commands, and boards their fields. */
export function askWhatIf(
  db: Database,
  asked: WhatIfAsked,
  onProgress?: (done: number, total: number) => void,
): WhatIfReport | Problem {
  const request = requestOf(asked);
  return isProblem(request) ? request : whatIf(db, request, onProgress);
}

/** Why a fork cannot be asked for, whatever log it is of, or null: what is said of commands is no command. */
export function whatIfRefusal(asked: WhatIfAsked): Problem | null {
  const request = requestOf(asked);
  return isProblem(request) ? request : null;
}

function requestOf({ at, to, skip, change, insert, time, ...board }: WhatIfAsked): WhatIfRequest | Problem {
  const changes = readEach(change, ({ command: json, ...place }) => {
    const command = commandOf(json);
    return isProblem(command) ? command : { place, command };
  });
  if (isProblem(changes)) return changes;
  const inserts = readEach(insert, ({ command, seq }) => {
    const play = playOf(command);
    return isProblem(play) ? play : { seq, play };
  });
  if (isProblem(inserts)) return inserts;
  const times = (time ?? []).map(({ timeUs, ...place }) => ({ place, timeUs }));
  return { at, to, skips: skip ?? [], changes, inserts, times, reconfigure: reconfigurationOf(board) };
}

function reconfigurationOf({
  set = [],
  profile,
  xenVersion,
  rules,
}: Pick<WhatIfAsked, "set" | "profile" | "xenVersion" | "rules">): WhatIfRequest["reconfigure"] {
  const changes = [...set];
  if (profile !== undefined) changes.push({ path: "firmware.profile", value: profile });
  if (xenVersion !== undefined) changes.push({ path: "xen.version", value: xenVersion });
  const others = rules === undefined ? undefined : { rules };
  if (changes.length === 0) return others;
  return {
    ...others,
    describe: (description) => {
      // An old log's board lacks the fields that came later.
      const recorded = boardFromJson(canonicalBoard(description.board));
      const board = isProblem(recorded) ? recorded : changedBoard(recorded, changes);
      return isProblem(board) ? board : { ...description, board };
    },
  };
}

import type { Problem } from "#base/problem.ts";
import { Control } from "#control/control.ts";
import { VERSION } from "../version.ts";

/** Opens a log to write that brings its own history: it may have no host, as one of a real machine's traces. */
export function openHostless(log: string): Promise<Control | Problem> {
  return Control.open({
    file: log,
    description: null,
    withoutHost: true,
    newBoard: false,
    clock: () => Date.now() * 1000,
    program: VERSION,
  });
}

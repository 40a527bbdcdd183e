import type { XenConfig } from "../board/board.ts";
import type { LintInput } from "./input.ts";

/** Xen's mediator, as far as somebody says: the board, or a tree that only one of them understands. Null: nobody. */
export function saidMediator({ xen, binding }: LintInput): XenConfig["mediator"] | null {
  if (xen.known) return xen.mediator;
  return binding?.form === "xen,sci" || binding?.form === "xen,config" ? "multi-agent" : null;
}

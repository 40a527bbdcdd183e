import type { Draft } from "../draft.ts";
import type { BoardIndex, ResourceKind } from "../resources/board-index.ts";

/** Whether an agent may change a resource. */
export type MayChange = (
  board: BoardIndex,
  draft: Draft,
  caller: number,
  protocol: ResourceKind,
  id: number,
) => boolean;

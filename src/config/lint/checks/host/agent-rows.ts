import { hexWord } from "#base/hex.ts";
import type { SciBinding } from "../../../binding/read-binding.ts";
import type { Check } from "../../check.ts";
import type { LintInput } from "../../input.ts";

/** From here on, numbers are function ids, not agents: none has been seen below. */
const FUNCTION_IDS = 0x8000_0000;

/**
 * Whether rows of the newer order (function id, shared memory, agent) hold agent, function id, shared memory: the first is
 * small and the second is a function id.
 */
export function looksReversed({ form, list }: SciBinding): boolean {
  const first = list.rows[0];
  if (form === "bsp" || form === "rfc" || list.cells !== 3 || first === undefined) return false;
  return first.funcId < 0x100 && first.phandle >= FUNCTION_IDS;
}

/** MA009 to MA014, those that concern the list as such. */
export const agentRows: Check = (input, report) => {
  const { host, binding } = input;
  if (host === null || binding === null) return;
  const { list, container } = binding;
  const isPartial = host.unknown.has(list.node);
  const place = host.locate(list.node, list.property);
  switch (list.state) {
    case "bad-cells":
      report("MA011", host.locate(list.node, list.cellsProperty ?? undefined), { cells: list.cells });
      return;
    case "absent":
      if (!isPartial) {
        report("MA013", host.locate(container), { container: container.path, what: `no ${list.property}` });
      }
      return;
    case "ragged":
      if (list.bytes === 0) {
        report("MA013", place, { container: container.path, what: `an empty ${list.property}` });
      } else if (!isPartial || list.cellsProperty === null || list.node.properties.has(list.cellsProperty)) {
        const count = list.bytes % 4 === 0 ? `${list.bytes / 4} cells` : `${list.bytes} bytes`;
        report("MA012", place, { count, cells: list.cells });
      }
      break;
    case "whole":
      break;
  }
  if (looksReversed(binding)) {
    report("MA014", place, { row: 0 });
    return;
  }
  for (const { index, phandle, shmem } of list.rows) {
    if (shmem === null && (host.whole || phandle === 0))
      report("MA009", place, { row: index, phandle: hexWord(phandle) });
  }
};

/** Who the board's firmware has at a function id; undefined: nobody, or there is no board. */
export function firmwareAgents({ board }: LintInput): ReadonlyMap<number, number> {
  return new Map(board?.board.firmware.agents.map(({ funcId, id }) => [funcId, id]));
}

import type { DeviceTree, DtNode } from "../device-tree/device-tree.ts";
import { readU32, wholeCells } from "../device-tree/property.ts";

/** A row of an agent list: the channel of one agent. */
export interface AgentRow {
  /** Position in the list, from 0. */
  readonly index: number;
  readonly funcId: number;
  /** The cell that names the shared memory, and the node that it names, or null: there is none. */
  readonly phandle: number;
  readonly shmem: DtNode | null;
  /** Null where the row has none, and Xen asks the firmware. */
  readonly agentId: number | null;
  /** Where the row stands. */
  readonly node: DtNode;
  readonly property: string;
}

/** An agent list as it stands in the tree, whether Xen would take it or not. */
export interface AgentList {
  /** The node that holds the list, or should. */
  readonly node: DtNode;
  readonly property: string;
  /** Cells of a row: 3 where the form has no say in it, or where none is given. */
  readonly cells: number;
  /** The property that says so; null: the form has none. */
  readonly cellsProperty: string | null;
  /**
   * `whole`; or why Xen refuses it: `absent`, `bad-cells` (neither 2 nor 3), `ragged` (empty, or not a multiple of a row). Of
   * the four Xen finds the cells first.
   */
  readonly state: "whole" | "absent" | "bad-cells" | "ragged";
  /** Length of the property, bytes. */
  readonly bytes: number;
  /** Every whole row; none where the cells are bad. */
  readonly rows: readonly AgentRow[];
}

const CELLS_PROPERTY = "#scmi-secondary-agents-cells";
const NO_BYTES = new Uint8Array(0);

/** The list of v5 and later: rows of `func_id shmem [agent]`, of which the container says how many cells they have. */
export function readAgentList(tree: DeviceTree, node: DtNode): AgentList {
  const cells = readU32(node, CELLS_PROPERTY) ?? 3;
  return read(tree, node, "scmi-secondary-agents", CELLS_PROPERTY, cells, (row) => ({
    funcId: row[0] as number,
    phandle: row[1] as number,
    agentId: cells === 3 ? (row[2] as number) : null,
  }));
}

/** The list of the RFCs and of the shipping product: rows of `agent func_id shmem`. */
export function readUnorderedList(tree: DeviceTree, node: DtNode, property: string): AgentList {
  return read(tree, node, property, null, 3, (row) => ({
    agentId: row[0] as number,
    funcId: row[1] as number,
    phandle: row[2] as number,
  }));
}

function read(
  tree: DeviceTree,
  node: DtNode,
  property: string,
  cellsProperty: string | null,
  cells: number,
  fields: (row: readonly number[]) => Pick<AgentRow, "funcId" | "phandle" | "agentId">,
): AgentList {
  const value = node.properties.get(property);
  const list = wholeCells(value ?? NO_BYTES);
  const bytes = value?.byteLength ?? 0;
  const isGoodCells = cells === 2 || cells === 3;
  const rows: AgentRow[] = [];
  for (let at = 0; isGoodCells && at + cells <= list.length; at += cells) {
    const row = fields(list.slice(at, at + cells));
    const shmem = tree.nodeByPhandle(row.phandle) ?? null;
    rows.push({ index: rows.length, ...row, shmem, node, property });
  }
  const isWhole = bytes > 0 && bytes % (4 * cells) === 0;
  const state = !isGoodCells ? "bad-cells" : value === undefined ? "absent" : isWhole ? "whole" : "ragged";
  return { node, property, cells, cellsProperty, state, bytes, rows };
}

import { type DtCell, EditableNode, firstCell } from "./editable-tree.ts";

/** How the cells of a property are laid out, where some of them are phandles. */
type Layout =
  /** Each entry is a phandle and as many cells as its node's property says. */
  | { readonly cellsProperty: string }
  /** Each entry has so many cells, of which the one at `at` is a phandle. */
  | { readonly rowCells: number; readonly at: number };

const PLAIN: Layout = { rowCells: 1, at: 0 };

/** Properties that hold phandles. */
const LAYOUTS: ReadonlyMap<string, Layout> = new Map<string, Layout>([
  ["access-controllers", { cellsProperty: "#access-controller-cells" }],
  ["clocks", { cellsProperty: "#clock-cells" }],
  ["assigned-clocks", { cellsProperty: "#clock-cells" }],
  ["assigned-clock-parents", { cellsProperty: "#clock-cells" }],
  ["cooling-device", { cellsProperty: "#cooling-cells" }],
  ["dmas", { cellsProperty: "#dma-cells" }],
  ["hwlocks", { cellsProperty: "#hwlock-cells" }],
  ["interconnects", { cellsProperty: "#interconnect-cells" }],
  ["interrupts-extended", { cellsProperty: "#interrupt-cells" }],
  ["io-channels", { cellsProperty: "#io-channel-cells" }],
  ["iommus", { cellsProperty: "#iommu-cells" }],
  ["mboxes", { cellsProperty: "#mbox-cells" }],
  ["msi-parent", { cellsProperty: "#msi-cells" }],
  ["nvmem-cells", { cellsProperty: "#nvmem-cell-cells" }],
  ["performance-domains", { cellsProperty: "#performance-domain-cells" }],
  ["phys", { cellsProperty: "#phy-cells" }],
  ["power-domains", { cellsProperty: "#power-domain-cells" }],
  ["pwms", { cellsProperty: "#pwm-cells" }],
  ["resets", { cellsProperty: "#reset-cells" }],
  ["sound-dai", { cellsProperty: "#sound-dai-cells" }],
  ["thermal-sensors", { cellsProperty: "#thermal-sensor-cells" }],

  // The two rows of cells that the multi-agent binding had: function id, page, agent; and agent, function id, page.
  ["xen,scmi-secondary-agents", { rowCells: 3, at: 2 }],
  ["epam,secondary-agents", { rowCells: 3, at: 2 }],
  ["iommu-map", { rowCells: 4, at: 1 }],
  ["msi-map", { rowCells: 4, at: 1 }],

  ["shmem", PLAIN],
  ["cpu", PLAIN],
  ["cpu-idle-states", PLAIN],
  ["interrupt-affinity", PLAIN],
  ["interrupt-parent", PLAIN],
  ["memory-region", PLAIN],
  ["next-level-cache", PLAIN],
  ["operating-points-v2", PLAIN],
  ["phy-handle", PLAIN],
  ["remote-endpoint", PLAIN],
  ["trip", PLAIN],
]);

/** And those whose names have a part of the board's choosing. */
const LAYOUTS_BY_SHAPE: readonly (readonly [RegExp, Layout])[] = [
  [/^(?!nr-)(.*-)?gpios?$/, { cellsProperty: "#gpio-cells" }],
  [/^pinctrl-\d+$/, PLAIN],
  [/-supply$/, PLAIN],
];

/** The list of the multi-agent binding: function id, page, and the agent unless the node says that rows have two cells. */
const SECONDARY_AGENTS = "scmi-secondary-agents";

/**
 * The cells of a property in the rows that they are read in, with the phandles replaced by the nodes that hold them. Null: the
 * property is not known to hold any. What does not fit, from there on, is left as numbers in a last row.
 */
export function referenceRows(
  node: EditableNode,
  property: string,
  cells: readonly DtCell[],
  holders: ReadonlyMap<number, EditableNode>,
): DtCell[][] | null {
  const layout = layoutOf(node, property);
  if (layout === null) return null;
  const rows: DtCell[][] = [];
  let at = 0;
  while (at < cells.length) {
    const row =
      "rowCells" in layout ? fixedRow(layout, cells, at, holders) : ownRow(layout, cells, at, holders);
    if (row === null) break;
    rows.push(row);
    at += row.length;
  }
  if (at < cells.length) rows.push(cells.slice(at));
  return rows;
}

function layoutOf(node: EditableNode, property: string): Layout | null {
  if (property === SECONDARY_AGENTS) {
    return { rowCells: firstCell(node, "#scmi-secondary-agents-cells") === 2 ? 2 : 3, at: 1 };
  }
  // A hog names pins of the controller that it is in.
  if (node.properties.has("gpio-hog")) return null;
  const known = LAYOUTS.get(property);
  return known ?? LAYOUTS_BY_SHAPE.find(([shape]) => shape.test(property))?.[1] ?? null;
}

/** A row of a list whose rows are all of one length. */
function fixedRow(
  { rowCells, at }: { readonly rowCells: number; readonly at: number },
  cells: readonly DtCell[],
  start: number,
  holders: ReadonlyMap<number, EditableNode>,
): DtCell[] | null {
  if (start + rowCells > cells.length) return null;
  return cells
    .slice(start, start + rowCells)
    .map((cell, index) => (index === at ? referenceTo(cell, holders) : cell));
}

/** A row whose length the node says that it refers to. */
function ownRow(
  { cellsProperty }: { readonly cellsProperty: string },
  cells: readonly DtCell[],
  start: number,
  holders: ReadonlyMap<number, EditableNode>,
): DtCell[] | null {
  const provider = referenceTo(cells[start] as DtCell, holders);
  if (!(provider instanceof EditableNode)) return null;
  const count = firstCell(provider, cellsProperty);
  if (count === null || start + 1 + count > cells.length) return null;
  return [provider, ...cells.slice(start + 1, start + 1 + count)];
}

function referenceTo(cell: DtCell, holders: ReadonlyMap<number, EditableNode>): DtCell {
  return typeof cell === "number" ? (holders.get(cell) ?? cell) : cell;
}

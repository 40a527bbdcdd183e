import { isProblem, type Problem } from "#base/problem.ts";
import type { EditableTree } from "../tree-writer/editable-tree.ts";
import { toDtb } from "../tree-writer/to-dtb.ts";
import { toDts } from "../tree-writer/to-dts.ts";
import type { Migration } from "./migrate.ts";

/** A file of a migration. */
export interface MigratedFile {
  readonly name: string;
  readonly content: string | Uint8Array;
}

/** Where dtc keeps the labels of a tree; the source has them itself. */
const SYMBOLS = "__symbols__";

/** The tree with its labels where a source has them, instead of in a table. */
function labelled(tree: EditableTree): EditableTree {
  const table = tree.root.child(SYMBOLS);
  for (const [label, path] of table?.properties ?? []) {
    const node = path instanceof Uint8Array ? tree.nodeByPath(textOf(path)) : undefined;
    if (node !== undefined) node.label ??= label;
  }
  table?.remove();
  return tree;
}

function textOf(value: Uint8Array): string {
  return new TextDecoder().decode(value.subarray(0, Math.max(0, value.indexOf(0))));
}

/** The overlay as source: what the old tree needs to be of the newest form. */
export function migrationOverlay(migration: Migration, of: string): string | Problem {
  const header = [
    `What makes ${of} a tree of the newest SCI binding (v8 and later), by scmictl export migrate.`,
    ...migration.changes.map((change) => `- ${change}`),
    ...(migration.notes.length === 0 ? [] : ["Left to do, or to know:"]),
    ...migration.notes.map((said) => `- ${said}`),
  ];
  return toDts(migration.overlay, { plugin: true, header });
}

/**
 * Everything that a migration comes to: the overlay and the whole tree, each as source and flattened.
 *
 * @param of what the old tree is called
 * @param stem of the files' names
 */
export function migrationFiles(migration: Migration, of: string, stem: string): MigratedFile[] | Problem {
  const overlay = migrationOverlay(migration, of);
  if (isProblem(overlay)) return overlay;
  const header = [`${of}, with the newest SCI binding (v8 and later), by scmictl export migrate.`];
  const flattened = toDtb(migration.whole);
  const whole = toDts(labelled(migration.whole), { header });
  if (isProblem(whole)) return whole;
  return [
    { name: `${stem}-migrate.dtso`, content: overlay },
    { name: `${stem}-migrate.dtbo`, content: toDtb(migration.overlay, { plugin: true }) },
    { name: `${stem}-migrated.dts`, content: whole },
    { name: `${stem}-migrated.dtb`, content: flattened },
  ];
}

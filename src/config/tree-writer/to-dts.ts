import { type Problem, problem } from "#base/problem.ts";
import { EditableNode, type EditableTree, phandleIn } from "./editable-tree.ts";
import { Labels } from "./labels.ts";
import { piecesOf, referredIn, valueTexts } from "./value-text.ts";

/** How a source is written. */
export interface DtsOptions {
  /** Whether it is an overlay (.dtso), whose root holds fragments. */
  readonly plugin?: boolean;
  /** Lines of a comment at the head of the file, behind the licence line if there is one. */
  readonly header?: readonly string[];
}

const WIDTH_MAX = 100;
/** What dtc takes as names. */
const NODE_NAME = /^[A-Za-z0-9,._+-]+(@[A-Za-z0-9,._+-]*)?$/;
const PROPERTY_NAME = /^[A-Za-z0-9,._+*#?-]+$/;

/**
 * A tree as source text, for people to read: strings as strings, cells in hexadecimal, and references by label where a
 * property is known to hold phandles. `dtc` makes the same tree of it, properties in their order; nodes that are referred to
 * and have no phandle get one there.
 *
 * @returns `device-tree-invalid` where a name has characters that a source cannot have, or two nodes of one name are beside
 *   each other: a flattened tree may have both
 */
export function toDts(tree: EditableTree, options: DtsOptions = {}): string | Problem {
  const why = unwritable(tree);
  if (why !== null) return problem("device-tree-invalid", { file: "the tree to be written", why });
  const writer = new SourceWriter(tree);
  writer.line("/dts-v1/;");
  if (options.plugin === true) writer.line("/plugin/;");
  if (options.header !== undefined) {
    writer.line("");
    writer.comment(options.header);
  }
  for (const { address, size } of tree.reservations) {
    writer.line(`/memreserve/ 0x${address.toString(16)} 0x${size.toString(16)};`);
  }
  writer.line("");
  writer.node(tree.root);
  return writer.text();
}

function unwritable(tree: EditableTree): string | null {
  for (const node of tree.root.walk()) {
    const names = new Set<string>();
    for (const { name } of node.children) {
      if (!NODE_NAME.test(name)) return `a source cannot have a node named ${name}, below ${node.path}`;
      if (names.has(name)) return `a source cannot have two nodes ${name} below ${node.path}`;
      names.add(name);
    }
    for (const name of node.properties.keys()) {
      if (!PROPERTY_NAME.test(name)) return `a source cannot have a property named ${name}, of ${node.path}`;
    }
  }
  return null;
}

class SourceWriter {
  readonly #lines: string[] = [];
  readonly #holders = new Map<number, EditableNode>();
  readonly #labels: Labels;
  #depth = 0;

  constructor(tree: EditableTree) {
    for (const node of tree.root.walk()) {
      const phandle = phandleIn(node);
      if (phandle !== null && !this.#holders.has(phandle)) this.#holders.set(phandle, node);
    }
    this.#labels = new Labels(tree, labelsElsewhere(tree));
    // Labels stand before the nodes, references to them may stand before that.
    for (const node of tree.root.walk()) {
      for (const [property, value] of node.properties) {
        for (const target of referredIn(piecesOf(node, property, value, this.#holders)))
          this.#labels.for(target);
      }
    }
  }

  text(): string {
    return `${this.#lines.join("\n")}\n`;
  }

  line(text: string): void {
    this.#lines.push(text === "" ? "" : "\t".repeat(this.#depth) + text);
  }

  comment(lines: readonly string[]): void {
    // A path may have the two characters that end a comment.
    const texts = lines.flatMap((line) => line.split("\n")).map((line) => line.replaceAll("*/", "* /"));
    if (texts.length === 1) {
      this.line(`/* ${texts[0]} */`);
      return;
    }
    this.line("/*");
    for (const text of texts) this.line(` * ${text}`.trimEnd());
    this.line(" */");
  }

  node(node: EditableNode): void {
    if (node.comment !== null) this.comment([node.comment]);
    const labels = this.#labels.of(node).map((label) => `${label}: `);
    this.line(`${labels.join("")}${node.parent === null ? "/" : node.name} {`);
    this.#depth += 1;
    for (const property of node.properties.keys()) this.#property(node, property);
    node.children.forEach((child, index) => {
      if (index > 0 || node.properties.size > 0) this.line("");
      this.node(child);
    });
    this.#depth -= 1;
    this.line("};");
  }

  #property(node: EditableNode, property: string): void {
    const remark = node.remarks.get(property);
    if (remark !== undefined) this.comment([remark]);
    const value = node.properties.get(property) ?? [];
    const texts = valueTexts(piecesOf(node, property, value, this.#holders), this.#labels);
    const oneLine = `${property}${texts.length === 0 ? "" : ` = ${texts.join(", ")}`};`;
    if (texts.length < 2 || oneLine.length + 8 * this.#depth <= WIDTH_MAX) {
      this.line(oneLine);
      return;
    }
    this.line(`${property} =`);
    this.#depth += 1;
    texts.forEach((text, index) => {
      this.line(`${text}${index < texts.length - 1 ? "," : ";"}`);
    });
    this.#depth -= 1;
  }
}

/** The labels of another tree that this one's references name. */
function labelsElsewhere(tree: EditableTree): Set<string> {
  const labels = new Set<string>();
  for (const node of tree.root.walk()) {
    for (const value of node.properties.values()) {
      if (value instanceof Uint8Array) continue;
      for (const item of value) {
        if (typeof item === "object" && !(item instanceof EditableNode)) labels.add(item.label);
      }
    }
  }
  return labels;
}

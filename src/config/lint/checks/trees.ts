import { isDom0lessDomain } from "../../binding/dom0less.ts";
import { isSciContainer } from "../../binding/xen-sci.ts";
import type { DtNode } from "../../device-tree/device-tree.ts";
import { isCompatible } from "../../device-tree/property.ts";
import { type Check, inFile } from "../check.ts";
import type { LintInput, LintTree, SourceMessage } from "../input.ts";

/** DT001: sources that dtc refuses. */
const uncompiled: Check = ({ uncompiled: sources }, report) => {
  for (const { file, messages } of sources) {
    const errors = messages.filter(({ severity }) => severity === "error");
    for (const message of errors) {
      const { line, column, message: said } = message;
      const place = inFile(message.file ?? file, line);
      const at = line === null || column === null ? "" : ` (column ${column})`;
      report("DT001", place, { said: `${said}${at}`, meaning: meaningOf(message) });
    }
    if (errors.length === 0)
      report("DT001", inFile(file), { said: "dtc refuses it without a word", meaning: "" });
  }
};

/** What a message of dtc's most often comes from, as a sentence with a blank before it. */
function meaningOf({ message, check, source }: SourceMessage): string {
  if (message.includes("Properties must precede subnodes"))
    return " A property stands after a sub-node of its node: all properties of a node come before its first sub-node.";
  if (message.includes("/dts-v1/")) return " It is the first thing of a source.";
  if (check === "duplicate_label") return " A label is of one node only.";
  if (source === undefined || !message.startsWith("syntax error")) return "";
  if (/<-{2,}/.test(source)) return " An arrow is no comment: comments are /* … */ or //.";
  if (/^\s*#\s*(include|define|undef|ifn?def|if|else|elif|endif)\b/.test(source)) {
    return " It is written for the C preprocessor: run it through that first (cpp -P -nostdinc -undef -x assembler-with-cpp).";
  }
  return "";
}

/** DT002: underscores in the names of the nodes that this binding brings along, and of the sources themselves. */
const underscores: Check = (input, report) => {
  for (const tree of treesOf(input)) {
    for (const file of tree.files) {
      const name = file.slice(file.lastIndexOf("/") + 1);
      if (/_.*\.dts[io]?$/.test(name))
        report("DT002", inFile(file), { what: `File ${name}`, more: "", meant: dashed(name) });
    }
    for (const [name, [first, ...others]] of alike(tree)) {
      if (first === undefined) continue;
      const more = others.length === 0 ? "" : `, and ${others.length} more of the name`;
      report("DT002", tree.locate(first), { what: `Node ${first.path}`, more, meant: dashed(name) });
    }
  }
};

/** The nodes in whose names somebody put an underscore, by name without unit address: eight pages are named once. */
function alike({ tree }: LintTree): Map<string, DtNode[]> {
  const found = new Map<string, DtNode[]>();
  for (const node of tree.nodes) {
    const [name = ""] = node.name.split("@", 1);
    if (!name.includes("_") || name === DOCUMENTED_NAME || !isOfBinding(node)) continue;
    const known = found.get(name);
    if (known === undefined) found.set(name, [node]);
    else known.push(node);
  }
  return found;
}

/** What the series' own documentation calls the container. */
const DOCUMENTED_NAME = "xen_scmi_config";

/** Whether a node is there for SCI, and so named by whoever wrote the configuration; a board's other nodes are not theirs. */
function isOfBinding(node: DtNode): boolean {
  return (
    isSciContainer(node) ||
    isDom0lessDomain(node) ||
    isCompatible(node, "arm,scmi-shmem") ||
    isCompatible(node, "arm,scmi-smc")
  );
}

function dashed(name: string): string {
  return name.replaceAll("_", "-");
}

function treesOf({ host, guests, partials }: LintInput): LintTree[] {
  return [host, ...guests.map(({ partial }) => partial), ...partials].filter((tree) => tree !== null);
}

/** Rules DT. */
export const TREE_CHECKS: readonly Check[] = [uncompiled, underscores];

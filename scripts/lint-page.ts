import type { Severity } from "#config/lint/finding.ts";
import { DM_RULES } from "#config/lint/rules/dm.ts";
import { MA_RULES } from "#config/lint/rules/ma.ts";
import { CL_RULES, DT_RULES, FW_RULES, LOAD_RULES } from "#config/lint/rules/other.ts";
import type { Rule } from "#config/lint/rules/rule.ts";
import { XL_RULES } from "#config/lint/rules/xl.ts";
import { placeholders, table } from "./markdown.ts";

const FAMILIES: readonly (readonly [title: string, rules: object])[] = [
  ["MA: the multi-agent binding in the host device tree", MA_RULES],
  ["DM: domains and their agents", DM_RULES],
  ["XL: guests' xl.cfg", XL_RULES],
  ["CL: Xen's command line", CL_RULES],
  ["FW: the board's firmware", FW_RULES],
  ["DT: device-tree sources", DT_RULES],
  ["LOAD: files that cannot be looked at", LOAD_RULES],
];

const SEVERITIES: Readonly<Record<Severity, string>> = {
  E: "fails, or is unsafe",
  W: "works by accident, or surprises",
  I: "advice",
};

/** docs/lint.md */
export function lintPage(): string {
  const families = FAMILIES.flatMap(([title, rules]) => [
    "",
    `## ${title}`,
    ...Object.entries(rules as Readonly<Record<string, Rule<unknown>>>).flatMap(([id, rule]) =>
      ruleText(id, rule),
    ),
  ]);
  return `${[...intro(), ...families].join("\n")}\n`;
}

function ruleText(id: string, { severity, condition, message, advice, source }: Rule<unknown>): string[] {
  return [
    "",
    `### ${id}`,
    "",
    `- **${severity}**: ${condition}${source === "-" ? "" : ` (${source})`}`,
    `- **Message**: ${message(placeholders)}`,
    ...(advice === "" ? [] : [`- **What to do**: ${advice}`]),
  ];
}

function intro(): string[] {
  return [
    "# Lint",
    "",
    "`scmictl check` says what Xen would make of a configuration, and what is wrong with it, before it is flashed. It needs no server and",
    "no board file:",
    "",
    "```sh",
    "scmictl check --dts host.dts --xlcfg domd.cfg --xlcfg domu.cfg",
    "scmictl check --board examples/rcar-v4h/board.yaml --format sarif > check.sarif",
    "scmictl check --dts base.dtb --dts scmi.dtso",
    "```",
    "",
    "- `--board FILE`: a board file, with the device tree, the xl.cfgs (`autostart`) and partial trees that it names, and what it says of",
    "  Xen and the firmware.",
    "- `--dts FILE`: the host device tree, `.dts` or `.dtb`, instead of the board's. Further ones are overlays (`.dtso`, `.dtbo`), applied",
    "  with `fdtoverlay`. Overlays alone go onto the board's tree; without a board they are checked as far as they can be seen.",
    "- `--xlcfg FILE`: a guest; several in the order in which they are created.",
    "- `--partial FILE`: a guest's partial device tree, where it is not found beside the xl.cfg that names it.",
    "- `--format text|json|sarif`: `--json` is short for JSON; SARIF is 2.1.0.",
    "",
    "Exit status: 1 where a finding is of severity E, 0 where none is, 2 for wrong usage. JSON is",
    "`{findings: [{rule, severity, message, file, line, node}], binding, xen}`: `binding` is the generation of the tree's SCI binding and the",
    "node that holds its agent list, or null; `xen` is the mediator and the version that the rules went by, and whether they are `assumed`.",
    "",
    "Lines of a source are those of the file that dtc read, included files too; of a `.dtb` there are none, and `node` is the path. Without a",
    "board, Xen is taken to have the multi-agent driver of series v10, unless the tree has no container and an option, a dom0less",
    "domain or an xl.cfg asks for the single-agent one. Rules that need the firmware (FW, MA015, MA016) need a board.",
    "",
    "A source that dtc refuses is DT001, with the line. Where it is plain what was meant (arrows for comments, properties after sub-nodes, a",
    "label that two nodes have, no `/dts-v1/`), every such place is told, not only dtc's first, and the tree that was meant is checked as",
    "any other; nothing is written. Macros and `#include` need the C preprocessor first.",
    "",
    "The xl.cfgs of one check are taken together: agents, and devices behind an IOMMU, are those of the first that asks, after Xen's own, dom0's",
    "and the dom0less domains'. The path of `device_tree` is one of the target, so the partial tree is looked for under its name among",
    "`--partial`, at that path, and beside the xl.cfg (`.dtb`, then `.dts`); that it is not found is no finding. The partial tree of a",
    "dom0less domain is known by the board's `xen.partialTrees`, or else by the page that its `xen,reg` maps.",
    "",
    "An xl.cfg alone is held to xl's own rules only: nothing is said that a host tree or a board would have to confirm.",
    "",
    "An overlay without its base is no half of a tree: what it names by label or path and does not define may have any property, so nothing",
    "is said of what is absent there. A node `/&label` is one that it names by a label of the base.",
    "",
    ...table(
      ["severity", "meaning"],
      Object.entries(SEVERITIES).map(([severity, meaning]) => [severity, meaning]),
    ),
    "",
    "In the messages, `<name>` stands for what was found; the message that you see ends with what to do. A section (§) is that of the",
    "mediator reference from which the rule comes. Made from `src/config/lint/rules/` by `npm run docs`.",
  ];
}

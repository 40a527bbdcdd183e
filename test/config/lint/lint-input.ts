import { isProblem } from "#base/problem.ts";
import { readBinding } from "#config/binding/read-binding.ts";
import { parseBoard } from "#config/board/file.ts";
import { inFile } from "#config/lint/check.ts";
import type { LintFinding } from "#config/lint/finding.ts";
import type { LintBoard, LintInput, LintTree, LintXen } from "#config/lint/input.ts";
import { lint } from "#config/lint/lint.ts";
import { lintGuest } from "#config/lint/lint-guest.ts";
import { viewOverlays } from "#config/overlay/view.ts";
import { treeOf } from "../../support/device-tree.ts";
import type { DtbNode } from "../../support/fdt-builder.ts";

/** What a rule is shown. Guests are called `a.cfg`, `b.cfg`, …, their partial trees `a.dtb`. */
export interface Given {
  readonly xlcfg?: readonly string[];
  readonly host?: DtbNode;
  /** False: overlays without their base. */
  readonly whole?: boolean;
  /** Overlays in place of a host tree, as dtc makes them. */
  readonly overlays?: readonly DtbNode[];
  /** By guest. */
  readonly partials?: readonly (DtbNode | null)[];
  /** Partial trees that no xl.cfg names. */
  readonly loose?: readonly DtbNode[];
  readonly board?: string;
  /** Messages of the base protocol that the board's profile has; all, unless told. */
  readonly baseMessages?: readonly number[];
  readonly xen?: Partial<LintXen>;
  readonly uncompiled?: LintInput["uncompiled"];
}

/** All that the lint says. */
export function findings(given: Given): LintFinding[] {
  return lint(inputOf(given));
}

/** The ids of the rules that fire, each once, in order. */
export function rules(given: Given): string[] {
  return [...new Set(findings(given).map(({ rule }) => rule))].sort();
}

export function inputOf({
  xlcfg = [],
  host,
  whole = true,
  partials = [],
  loose = [],
  ...given
}: Given): LintInput {
  const board = given.board === undefined ? null : boardOf(given.board, given.baseMessages ?? null);
  const xen: LintXen = {
    mediator: "multi-agent",
    version: "v10",
    cmdline: "",
    cmdlinePlace: null,
    iommu: null,
    known: false,
    ...(board === null ? {} : { ...board.board.xen, cmdlinePlace: inFile(board.file), known: true }),
    ...given.xen,
  };
  const hostTree =
    given.overlays !== undefined
      ? overlaysAlone(given.overlays)
      : host === undefined
        ? null
        : lintTree("host.dtb", host, whole);
  return {
    host: hostTree,
    binding: hostTree === null ? null : readBinding(hostTree.tree, xen.cmdline),
    board,
    xen,
    guests: xlcfg.map((text, at) => {
      const partial = partials[at] ?? null;
      const name = String.fromCharCode(0x61 + at);
      return lintGuest(`${name}.cfg`, text, xen.version, partial && lintTree(`${name}.dtb`, partial));
    }),
    partials: loose.map((partial, at) => lintTree(`loose-${at}.dtb`, partial)),
    uncompiled: given.uncompiled ?? [],
    unreadable: [],
  };
}

function lintTree(file: string, root: DtbNode, whole = true): LintTree {
  const tree = treeOf(root);
  const locate = ({ path }: { path: string }) => ({ file, line: null, node: path });
  return { file, tree, files: [file], whole, unknown: new Set(), locate };
}

function overlaysAlone(roots: readonly DtbNode[]): LintTree {
  const { tree, unknown } = viewOverlays(roots.map(treeOf));
  const locate = ({ path }: { path: string }) => ({ file: "host.dtbo", line: null, node: path });
  return { file: "host.dtbo", tree, files: ["host.dtbo"], whole: false, unknown, locate };
}

function boardOf(text: string, baseMessages: LintBoard["baseMessages"]): LintBoard {
  const board = parseBoard(text, "board.yaml");
  if (isProblem(board)) throw new Error(board.detail);
  return { file: "board.yaml", text, board, baseMessages };
}

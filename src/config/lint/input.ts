import type { Problem } from "#base/problem.ts";
import type { SciBinding } from "../binding/read-binding.ts";
import type { Board, SeriesVersion, XenConfig } from "../board/board.ts";
import type { DeviceTree, DtNode } from "../device-tree/device-tree.ts";
import type { GuestConfig, GuestIssue } from "../xlcfg/guest.ts";
import type { XlCfgIssue } from "../xlcfg/issues.ts";
import type { XlConfig } from "../xlcfg/xlcfg.ts";
import type { DtcMessage } from "./dtc-messages.ts";
import type { Place } from "./finding.ts";

/** All that one lint looks at. Whatever could not be had is null or missing, and the rules about it are silent. */
export interface LintInput {
  readonly host: LintTree | null;
  /** The SCI binding of the host tree, whichever generation; null: it has none. */
  readonly binding: SciBinding | null;
  readonly board: LintBoard | null;
  readonly xen: LintXen;
  readonly guests: readonly LintGuest[];
  /** Partial trees that no xl.cfg names: those of dom0less guests, or of guests whose xl.cfg is not given. */
  readonly partials: readonly LintTree[];
  /** Device-tree sources that dtc refused. */
  readonly uncompiled: readonly UncompiledSource[];
  /** Files that were named and are not there, or are not what they should be. */
  readonly unreadable: readonly UnreadableFile[];
}

/** A device tree and where it came from. */
export interface LintTree {
  /** What the user named: the base, where overlays were merged into it. */
  readonly file: string;
  readonly tree: DeviceTree;
  /** Every file that it was made of: the base, then the overlays. */
  readonly files: readonly string[];
  /** False for overlays without their base: what is not in the tree may be in the base, so its absence means nothing. */
  readonly whole: boolean;
  /** Nodes that an overlay without its base names by label or path, of which only what it adds is known. */
  readonly unknown: ReadonlySet<DtNode>;
  /** Where a node, or a property of it, was written; the node's place where the property's own is not known. */
  locate(node: DtNode, property?: string): Place;
}

export interface LintBoard {
  readonly file: string;
  readonly text: string;
  readonly board: Board;
  /** Messages of the base protocol that the board's profile has, whatever the board leaves out of them; null: all. */
  readonly baseMessages: readonly number[] | null;
}

/** What is known of the hypervisor: from the board, and else what most people have. */
export interface LintXen {
  readonly mediator: XenConfig["mediator"];
  readonly version: SeriesVersion;
  /** Xen's command line: the board's, else that of the tree's `/chosen`, else empty. */
  readonly cmdline: string;
  /** Where the command line is written, or null where there is none. */
  readonly cmdlinePlace: Place | null;
  /** Whether the host has an IOMMU that Xen drives; null: nobody said. */
  readonly iommu: boolean | null;
  /** Whether a board said so; otherwise mediator and version are assumed. */
  readonly known: boolean;
}

/** A guest's xl.cfg, at each stage of reading it. */
export interface LintGuest {
  readonly file: string;
  readonly text: string;
  /** By xl's grammar, or null: `syntax` says why. */
  readonly parsed: XlConfig | null;
  /** What xl's grammar refuses, in the order of the file. */
  readonly syntax: readonly XlCfgIssue[];
  /** What xl makes of it; something stands in for what it refuses. Null where the file does not parse. */
  readonly config: GuestConfig | null;
  /** What xl or libxl refuse in a file that parses. */
  readonly issues: readonly GuestIssue[];
  /** Why the file as a whole is refused, or null: it is not. */
  readonly problem: Problem | null;
  /** The partial device tree that it names, where it was found. */
  readonly partial: LintTree | null;
}

/** A source that dtc refused, and what it said; the files of the messages are as the user would name them. */
export interface UncompiledSource {
  readonly file: string;
  readonly messages: readonly SourceMessage[];
}

export interface SourceMessage extends DtcMessage {
  /** The line that it names, as written, where somebody looked. */
  readonly source?: string;
}

export interface UnreadableFile {
  readonly file: string;
  readonly problem: Problem;
}

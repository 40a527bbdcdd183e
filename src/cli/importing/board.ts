import { basename, join, relative } from "node:path";
import { isProblem, type Problem, problem } from "#base/problem.ts";
import type { HostDescription, ProfileName } from "#config/board/board.ts";
import { hostTree } from "#config/imx-sm/host-tree.ts";
import { toDtb } from "#config/tree-writer/to-dtb.ts";
import { toDts } from "#config/tree-writer/to-dts.ts";
import { loadDeviceTree } from "#inputs/load-device-tree.ts";
import { Comparer, type Comparison } from "#traces/compare/compare.ts";
import { BoardFacts } from "#traces/derive/facts.ts";
import {
  type DeriveChoices,
  type DerivedBoard,
  derivedBoard,
  HOST_TREE_FILE,
} from "#traces/derive/to-board.ts";
import { eachObserved } from "../logs/observed-log.ts";
import { note } from "../output.ts";
import { ask, isInteractive, type Question } from "./ask.ts";
import { finish, type Imported, type ImportOptions, type OutFile, putFiles, tell } from "./put.ts";

/** Options of `import board`. */
export interface BoardOptions extends ImportOptions {
  readonly db: string;
  readonly name?: string;
  readonly profile?: ProfileName;
  readonly agent?: number;
  readonly deviceTree?: string;
}

/** Profiles of firmwares that are of no one board. */
const GENERIC: readonly ProfileName[] = ["v32", "ref", "tfa", "scp"];
/** Who makes the firmware of profile `imx`, as it says itself. */
const IMX_VENDOR = /^NXP\b/i;
/** Observations that are played to find the profile. */
const FITTED = 20_000;

/** A board that a log implies, and how it does when the log is played on it. */
interface Candidate {
  readonly profile: ProfileName;
  readonly derived: DerivedBoard;
  readonly imported: Imported;
  /** Flattened; of a made tree its source too. */
  readonly tree: Uint8Array;
  readonly source: string | null;
  readonly comparison: Comparison;
}

/** Makes the board file that an observed log implies; the refusal, or null: it is done. */
export async function importBoard(options: BoardOptions): Promise<Problem | null> {
  const facts = new BoardFacts();
  const fault = eachObserved(options.db, (event) => {
    if (event.type === "scmi.observed") facts.take(event.agentId, event.data);
  });
  if (fault !== null) return fault;
  if (facts.count === 0) {
    return problem("not-importable", { what: options.db, why: "it has no answer of a firmware's" });
  }
  const tree = options.deviceTree === undefined ? null : await loadDeviceTree(options.deviceTree);
  if (isProblem(tree)) return tree;
  const vendor = facts.answers.get("base BASE_DISCOVER_VENDOR")?.["vendorIdentifier"];
  const isImx = typeof vendor === "string" && IMX_VENDOR.test(vendor);
  const profiles = options.profile === undefined ? (isImx ? (["imx"] as const) : GENERIC) : [options.profile];
  const choices = await choose(facts, options);
  const candidates: Candidate[] = [];
  let refusal: Problem | null = null;
  for (const profile of profiles) {
    const made = candidate(facts, profile, choices, tree, options);
    if (isProblem(made)) refusal ??= made;
    else candidates.push(made);
  }
  const [best] = candidates.sort((a, b) => score(b) - score(a));
  if (best === undefined) return refusal;
  const files: OutFile[] = [{ file: join(options.out ?? "", "board.yaml"), content: best.imported.text }];
  if (best.source !== null) {
    files.push({ file: join(options.out ?? "", HOST_TREE_FILE), content: best.tree });
    files.push({ file: join(options.out ?? "", "host.dts"), content: best.source });
  }
  if (options.out !== undefined) {
    const unwritable = await putFiles(files, options.force === true);
    if (unwritable !== null) return unwritable;
  }
  const fits = candidates.map(({ profile, comparison: { played, same } }) => ({ profile, played, same }));
  await tell(best.imported, files, options, { agents: best.derived.agents, fits });
  if (options.json !== true) tellFit(facts, best, fits, options);
  return null;
}

function candidate(
  facts: BoardFacts,
  profile: ProfileName,
  choices: DeriveChoices,
  given: Uint8Array | null,
  options: BoardOptions,
): Candidate | Problem {
  const derived = derivedBoard(facts, profile, choices);
  if (typeof derived === "string") return problem("not-importable", { what: options.db, why: derived });
  const imported = finish(derived.draft, options.set ?? [], [
    `Made by scmictl import board of ${basename(options.db)}.`,
    "What the trace does not say is marked: assumed. Resources that it does not name are not here.",
  ]);
  if (isProblem(imported)) return imported;
  const { host, xen, agents } = derived;
  const domains = agents.filter((id) => id !== xen);
  const made = hostTree(imported.board, {
    host,
    xen: xen === null ? null : { own: xen, domains, dom0: host },
  });
  const source = given === null ? toDts(made) : null;
  if (isProblem(source)) return source;
  const tree = given ?? toDtb(made);
  const comparison = played({ board: imported.board, deviceTree: tree, autostart: [] }, derived, options.db);
  return isProblem(comparison) ? comparison : { profile, derived, imported, tree, source, comparison };
}

/** Plays the beginning of the log on a board. */
function played(description: HostDescription, { host }: DerivedBoard, file: string): Comparison | Problem {
  const comparer = Comparer.of(description, { agentId: host, xlcfgs: [] });
  if (isProblem(comparer)) return comparer;
  let left = FITTED;
  const fault = eachObserved(file, (event) => {
    comparer.take(event);
    left -= 1;
    return left > 0;
  });
  return fault ?? comparer.result();
}

/** What is alike counts first, then what is not different. */
function score({ comparison: { same, different } }: Candidate): number {
  return same * (FITTED + 1) - different;
}

function tellFit(
  facts: BoardFacts,
  { derived, comparison }: Candidate,
  fits: readonly { readonly profile: ProfileName; readonly played: number; readonly same: number }[],
  { db, out }: BoardOptions,
): void {
  const others = fits.map(({ profile, played, same }) => `${profile} ${same} of ${played}`);
  note(`answered alike: ${others.join(", ")}`);
  const agent = facts.agents.has(null) ? ` --agent ${derived.host}` : "";
  if (out === undefined) {
    note(`--out DIR writes the board file and the device tree that it names, ${HOST_TREE_FILE}`);
  } else if (comparison.groups.length > 0) {
    note(`what differs: scmictl compare --db ${db} --board ${join(out, "board.yaml")}${agent}`);
  }
}

/** What a person says by options or on the terminal. */
async function choose(facts: BoardFacts, options: BoardOptions): Promise<DeriveChoices> {
  const given: DeriveChoices = {
    name: options.name ?? null,
    agentId: options.agent ?? null,
    deviceTree: treePath(options),
  };
  if (!isInteractive(options)) return given;
  const questions = QUESTIONS.filter(
    ({ option }) =>
      (option === "name" && given.name === null) ||
      (option === "agent" && given.agentId === null && facts.agents.has(null)),
  );
  const answers = await ask(questions);
  const agent = answers.get("agent");
  return {
    ...given,
    name: answers.get("name") ?? given.name,
    agentId: agent === undefined ? given.agentId : Number(agent),
  };
}

const QUESTIONS: readonly Question[] = [
  {
    option: "name",
    text: "Name of the host",
    fallback: "after the firmware's vendor",
    refuse: (answer) => (/^[^/\\]{1,64}$/.test(answer) ? null : "1 to 64 characters, without / and \\"),
  },
  {
    option: "agent",
    text: "The agent of the traces that do not say whose they are",
    fallback: "the lowest that is not the platform",
    refuse: (answer) =>
      /^\d{1,3}$/.test(answer) && Number(answer) < 255 ? null : "an agent id from 0 to 254",
  },
];

/** The host device tree as the board file is to name it: relative to where that is written. */
function treePath({ deviceTree, out }: BoardOptions): string | null {
  if (deviceTree === undefined) return null;
  return out === undefined ? deviceTree : relative(out, deviceTree);
}

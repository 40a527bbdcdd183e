import { basename, dirname, join, parse, relative } from "node:path";
import { isProblem, type Problem, problem } from "#base/problem.ts";
import { PROFILES, type ProfileName } from "#config/board/board.ts";
import type { DeviceTree } from "#config/device-tree/device-tree.ts";
import { parseDeviceTree } from "#config/device-tree/fdt.ts";
import type { TreeChoices } from "#config/tree-import/choices.ts";
import { treeBoard } from "#config/tree-import/to-board.ts";
import { loadDeviceTree } from "#inputs/load-device-tree.ts";
import { loadWithOverlays } from "#inputs/load-overlaid.ts";
import { note } from "../output.ts";
import { ask, isInteractive, type Question } from "./ask.ts";
import { finish, type ImportOptions, type OutFile, putFiles, tell } from "./put.ts";

/** Options of `import tree`. */
export interface TreeOptions extends ImportOptions {
  readonly overlay?: readonly string[];
  readonly name?: string;
  readonly profile?: ProfileName;
  readonly trustedAgent?: readonly number[];
  readonly xenAgent?: number;
}

/** Imports a host device tree; the refusal, or null: it is done. */
export async function importTree(file: string, options: TreeOptions): Promise<Problem | null> {
  const loaded = await load(file, options);
  if (isProblem(loaded)) return loaded;
  const { tree, named, files } = loaded;
  let choices = choicesOf(options);
  let draft = treeBoard(tree, choices, named);
  if (typeof draft !== "string" && isInteractive(options)) {
    // What is asked is what would be assumed.
    const assumed = new Set(draft.assumptions.map(({ field }) => field));
    choices = await choose(choices, assumed);
    draft = treeBoard(tree, choices, named);
  }
  if (typeof draft === "string") return problem("not-importable", { what: file, why: draft });
  const imported = finish(draft, options.set ?? [], [
    `Made by scmictl import tree of ${[file, ...(options.overlay ?? [])].map((name) => basename(name)).join(", ")}.`,
    "What the tree does not say is marked: assumed. Resources that no node uses are not here.",
  ]);
  if (isProblem(imported)) return imported;
  const made: OutFile[] =
    options.out === undefined ? [] : [{ file: options.out, content: imported.text }, ...files];
  const fault = await putFiles(made, options.force === true);
  if (fault !== null) return fault;
  await tell(imported, made, options);
  if (options.out === undefined && files.length > 0 && options.json !== true) {
    note(`--out FILE writes the board file and the device tree that it names, ${named}`);
  }
  return null;
}

/** The tree, what the board file calls it, and it itself as a file where overlays made another of it. */
async function load(
  file: string,
  { overlay = [], out }: TreeOptions,
): Promise<{ tree: DeviceTree; named: string; files: OutFile[] } | Problem> {
  if (overlay.length > 0) {
    const loaded = await loadWithOverlays(file, overlay);
    if (isProblem(loaded)) return loaded;
    const { dir, name } = parse(out ?? file);
    const named = `${name}-overlaid.dtb`;
    return { tree: loaded.tree, named, files: [{ file: join(dir, named), content: loaded.bytes }] };
  }
  const bytes = await loadDeviceTree(file);
  if (isProblem(bytes)) return bytes;
  const tree = parseDeviceTree(bytes, file);
  if (isProblem(tree)) return tree;
  return { tree, named: out === undefined ? file : relative(dirname(out), file), files: [] };
}

function choicesOf({ name, profile, trustedAgent, xenAgent }: TreeOptions): TreeChoices {
  return {
    name: name ?? null,
    profile: profile ?? null,
    trustedAgents: trustedAgent ?? null,
    xenAgent: xenAgent ?? null,
  };
}

const isAgentId = (text: string) => /^\d{1,3}$/.test(text) && Number(text) < 255;

/** Questions by the field that is assumed without an answer. */
const QUESTIONS: readonly (Question & { readonly field: string })[] = [
  {
    field: "name",
    option: "name",
    text: "Name of the host",
    fallback: "of the tree",
    refuse: (answer) => (/^[^/\\]{1,64}$/.test(answer) ? null : "1 to 64 characters, without / and \\"),
  },
  {
    field: "firmware.profile",
    option: "profile",
    text: `Whose firmware it is: ${PROFILES.join(", ")}`,
    fallback: "v32",
    refuse: (answer) => (isProfile(answer) ? null : `one of ${PROFILES.join(", ")}`),
  },
  {
    field: "firmware.agents[].id",
    option: "xen-agent",
    text: "Agent behind Xen's own channel",
    fallback: "by its function id",
    refuse: (answer) => (isAgentId(answer) ? null : "an agent id from 0 to 254"),
  },
  {
    field: "firmware.trustedAgents",
    option: "trusted-agent",
    text: "Agents that may set permissions, parted by commas",
    fallback: "Xen's own",
    refuse: (answer) => (answer.split(/[\s,]+/).every(isAgentId) ? null : "agent ids from 0 to 254"),
  },
];

async function choose(choices: TreeChoices, assumed: ReadonlySet<string>): Promise<TreeChoices> {
  const answers = await ask(QUESTIONS.filter(({ field }) => assumed.has(field)));
  const profile = answers.get("profile");
  const xenAgent = answers.get("xen-agent");
  const trusted = answers.get("trusted-agent");
  return {
    name: answers.get("name") ?? choices.name,
    profile: profile !== undefined && isProfile(profile) ? profile : choices.profile,
    xenAgent: xenAgent === undefined ? choices.xenAgent : Number(xenAgent),
    trustedAgents: trusted === undefined ? choices.trustedAgents : trusted.split(/[\s,]+/).map(Number),
  };
}

/** Whether a word is a profile's name. */
function isProfile(word: string): word is ProfileName {
  return PROFILES.some((profile) => profile === word);
}

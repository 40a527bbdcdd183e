import { basename, join, relative } from "node:path";
import { isProblem, type Problem, problem } from "#base/problem.ts";
import { firstIssues } from "#config/first-issues.ts";
import { FUNC_ID_BASE, type ImxChoices, PAGE_BYTES, SHMEM_BASE } from "#config/imx-sm/choices.ts";
import type { ImxConfig } from "#config/imx-sm/config.ts";
import { hostTree } from "#config/imx-sm/host-tree.ts";
import { readImxConfig } from "#config/imx-sm/read.ts";
import type { SourceIssue } from "#config/imx-sm/source.ts";
import { HOST_TREE_FILE, imxBoard } from "#config/imx-sm/to-board.ts";
import { toDtb } from "#config/tree-writer/to-dtb.ts";
import { toDts } from "#config/tree-writer/to-dts.ts";
import { configOpener, ownHeaderFolders, readHeaders } from "#inputs/imx-sm-files.ts";
import { note } from "../output.ts";
import { ask, isInteractive, type Question } from "./ask.ts";
import { finish, type ImportOptions, type OutFile, putFiles, tell } from "./put.ts";

/** Options of `import imx-sm`. */
export interface ImxSmOptions extends ImportOptions {
  readonly include?: readonly string[];
  readonly ids?: readonly string[];
  readonly name?: string;
  readonly funcIdBase?: number;
  readonly shmemBase?: number;
  readonly xenAgent?: number;
  readonly deviceTree?: string;
}

/** Imports a System Manager configuration; the refusal, or null: it is done. */
export async function importImxSm(file: string, options: ImxSmOptions): Promise<Problem | null> {
  const config = await readImxConfig(file, configOpener(file, options.include ?? []));
  if (isIssues(config)) {
    const issues = config.map(({ where, message }) => `${where}: ${message}`);
    return problem("imx-config-invalid", { issues: firstIssues(issues) });
  }
  const found = options.ids ?? (await ownHeaderFolders(file, config));
  const headers = await readHeaders(found);
  if (isProblem(headers)) return headers;
  const choices = await choose(config, options);
  const made = imxBoard(config, headers.numbers, choices, basename(file));
  if (typeof made === "string") return problem("not-importable", { what: file, why: made });
  const headersUsed = headers.files.length === 0 ? [] : [`ids from ${found.join(", ")}`];
  const imported = finish(made.draft, options.set ?? [], [
    `Made by scmictl import imx-sm of ${basename(file)}${headersUsed.length === 0 ? "" : ", and headers"}.`,
    "What the configuration does not say is marked: assumed.",
  ]);
  if (isProblem(imported)) return imported;
  const tree = choices.deviceTree === null ? hostTree(imported.board, made.roles) : null;
  const source = tree === null ? null : toDts(tree);
  if (isProblem(source)) return source;
  const files: OutFile[] = [{ file: join(options.out ?? "", "board.yaml"), content: imported.text }];
  if (tree !== null && source !== null) {
    files.push({ file: join(options.out ?? "", HOST_TREE_FILE), content: toDtb(tree) });
    files.push({ file: join(options.out ?? "", "host.dts"), content: source });
  }
  if (options.out !== undefined) {
    const fault = await putFiles(files, options.force === true);
    if (fault !== null) return fault;
  }
  if (options.json !== true) for (const line of headersUsed) note(line);
  await tell(imported, files, options, { deviceTreeSource: source });
  if (options.out === undefined && tree !== null && options.json !== true) {
    note(`--out DIR writes the board file and the device tree that it names, ${HOST_TREE_FILE}`);
  }
  return null;
}

function isIssues(read: ImxConfig | readonly SourceIssue[]): read is readonly SourceIssue[] {
  return Array.isArray(read);
}

/** What a person says by options or on the terminal. */
async function choose(config: ImxConfig, options: ImxSmOptions): Promise<ImxChoices> {
  const given: ImxChoices = {
    name: options.name ?? null,
    funcIdBase: options.funcIdBase ?? null,
    shmemBase: options.shmemBase ?? null,
    xenAgent: options.xenAgent ?? null,
    deviceTree: treePath(options),
  };
  if (!isInteractive(options)) return given;
  const answers = await ask(questionsFor(config).filter(({ option }) => !isGiven(option, options)));
  const numberOf = (option: string, before: number | null) => {
    const answer = answers.get(option);
    return answer === undefined ? before : Number(answer);
  };
  return {
    ...given,
    name: answers.get("name") ?? given.name,
    funcIdBase: numberOf("func-id-base", given.funcIdBase),
    shmemBase: numberOf("shmem-base", given.shmemBase),
    xenAgent: numberOf("xen-agent", given.xenAgent),
  };
}

function isGiven(option: string, options: ImxSmOptions): boolean {
  const name = option.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
  return (options as Readonly<Record<string, unknown>>)[name] !== undefined;
}

function questionsFor({ agents, name }: ImxConfig): Question[] {
  const wholeUpTo = (max: number, step: number) => (answer: string) => {
    const isNumber = /^(0[xX][0-9a-fA-F]+|\d+)$/.test(answer);
    if (isNumber && Number(answer) <= max && Number(answer) % step === 0) return null;
    return `a whole number up to 0x${max.toString(16)}${step === 1 ? "" : `, a multiple of 0x${step.toString(16)}`}`;
  };
  const known = agents.map(({ id, name: own }) => `${id} ${own}`).join(", ");
  return [
    {
      option: "name",
      text: "Name of the host",
      fallback: name?.toLowerCase() ?? "of the file",
      refuse: (answer) => (/^[^/\\]{1,64}$/.test(answer) ? null : "1 to 64 characters, without / and \\"),
    },
    {
      option: "func-id-base",
      text: "SMC function id of agent 0's doorbell; the next agents have the next ids",
      fallback: `0x${FUNC_ID_BASE.toString(16)}`,
      refuse: wholeUpTo(0xffff_ffff - agents.length, 1),
    },
    {
      option: "shmem-base",
      text: "First page of the channels' shared memory",
      fallback: `0x${SHMEM_BASE.toString(16)}`,
      refuse: wholeUpTo(2 ** 48, PAGE_BYTES),
    },
    {
      option: "xen-agent",
      text: `Agent that is Xen's own (${known})`,
      fallback: "none: dom0 has the host's agent",
      refuse: (answer) =>
        agents.some(({ id }) => String(id) === answer) ? null : `one of the agents: ${known}`,
    },
  ];
}

/** The host device tree as the board file is to name it: relative to where that is written. */
function treePath({ deviceTree, out }: ImxSmOptions): string | null {
  if (deviceTree === undefined) return null;
  return out === undefined ? deviceTree : relative(out, deviceTree);
}

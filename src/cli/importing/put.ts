import { access, mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { isProblem, type Problem, problem } from "#base/problem.ts";
import type { Board } from "#config/board/board.ts";
import { parseBoard } from "#config/board/file.ts";
import type { BoardDraft } from "#config/draft/draft.ts";
import { withSetting } from "#config/draft/settings.ts";
import { assumptionText, noteText } from "#config/draft/text.ts";
import { boardText } from "#config/draft/write.ts";
import { writeOut } from "#inputs/write-file.ts";
import type { CommonOptions } from "../options.ts";
import { note, printJson, write } from "../output.ts";

/** Options of every import of a board. */
export interface ImportOptions extends CommonOptions {
  readonly out?: string;
  readonly set?: readonly string[];
  readonly force?: boolean;
  readonly ask?: boolean;
}

/** A board that was imported: as text, and as that text is read. */
export interface Imported {
  readonly draft: BoardDraft;
  readonly text: string;
  readonly board: Board;
}

/** A draft as a board file, with what a person set; `not-importable` or `board-invalid` where that does not fit. */
export function finish(
  drafted: BoardDraft,
  settings: readonly string[],
  header: readonly string[],
): Imported | Problem {
  let draft = drafted;
  for (const setting of settings) {
    const next = withSetting(draft, setting);
    if (typeof next === "string") return problem("not-importable", { what: "--set", why: next });
    draft = next;
  }
  const text = boardText(draft, header);
  const board = parseBoard(text, "the imported board");
  return isProblem(board) ? board : { draft, text, board };
}

/** A file to be written. */
export interface OutFile {
  readonly file: string;
  readonly content: string | Uint8Array;
}

/** Writes files, none of which is there unless `force` says so; folders are made. */
export async function putFiles(files: readonly OutFile[], force: boolean): Promise<Problem | null> {
  for (const { file } of files) {
    if (!force && (await isThere(file))) {
      return problem("file-unwritable", { file, why: "it is there already; --force writes over it" });
    }
  }
  for (const { file, content } of files) {
    try {
      await mkdir(dirname(file), { recursive: true });
    } catch (error) {
      return problem("file-unwritable", { file, why: (error as Error).message });
    }
    const fault = await writeOut(file, content);
    if (fault !== null) return fault;
  }
  return null;
}

async function isThere(file: string): Promise<boolean> {
  try {
    await access(file);
    return true;
  } catch {
    return false;
  }
}

/** Tells what came of an import: the board file on stdout unless it was written, and on stderr what was assumed and left out. */
export async function tell(
  { draft, text }: Imported,
  files: readonly OutFile[],
  { json, out }: ImportOptions,
  more: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const { assumptions, notes } = draft;
  if (json === true) {
    const written = out === undefined ? [] : files.map(({ file }) => file);
    await printJson({ boardFile: text, ...more, files: written, assumptions, notes });
    return;
  }
  for (const assumption of assumptions) note(assumptionText(assumption));
  for (const each of notes) note(noteText(each));
  if (out === undefined) await write(text);
  else for (const { file, content } of files) note(`${file}: ${content.length} bytes`);
}

import type { Errno } from "#base/errno.ts";
import { isProblem, Problem } from "#base/problem.ts";
import type { ProblemCode } from "#base/problems.ts";
import type { ExportView } from "#config/export/view.ts";
import { loadHost } from "#inputs/load-host.ts";
import { readXlCfg } from "#inputs/read-xlcfg.ts";
import { Simulation } from "#simulate/simulation.ts";
import { VERSION } from "./version.ts";

/** A board that was booted in memory, and guests created there. */
interface BootedBoard {
  readonly view: ExportView;
  /** The domid of the last guest, or null: none was asked for. */
  readonly lastDomid: number | null;
}

/** Boots a board in memory, creates guests of xl.cfg files in order, and tells what came of it; or the first refusal. */
export async function bootBoard(board: string, xlcfgs: readonly string[]): Promise<BootedBoard | Problem> {
  const description = await loadHost(board);
  if (isProblem(description)) return description;
  const simulation = Simulation.of(description, "booted", VERSION);
  if (isProblem(simulation)) return simulation;
  let lastDomid: number | null = null;
  for (const file of xlcfgs) {
    const xlcfg = await readXlCfg(file);
    if (isProblem(xlcfg)) return xlcfg;
    const domid = created(simulation.answer(JSON.stringify({ do: "domain.create", xlcfg })) as string);
    if (isProblem(domid)) return domid;
    lastDomid = domid;
  }
  return { view: simulation.exportView(), lastDomid };
}

/** What a script is answered, as far as it matters here. */
interface ScriptAnswer {
  readonly result?: { readonly domid: number };
  readonly problem?: {
    readonly code: ProblemCode;
    readonly detail: string;
    readonly hint: string;
    readonly errno: Errno | null;
  };
}

function created(line: string): number | Problem {
  const { result, problem } = JSON.parse(line) as ScriptAnswer;
  if (result !== undefined) return result.domid;
  const { code, detail, hint, errno } = problem as Required<ScriptAnswer>["problem"];
  return new Problem(code, detail, hint, errno, null);
}

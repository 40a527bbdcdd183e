import { type Problem, problem } from "#base/problem.ts";
import type { Board } from "./board.ts";
import { didYouMean, foundInstead } from "./fields.ts";
import { canonicalBoard, parseBoard } from "./file.ts";

type Node = { [key: string]: unknown };

const STEP = /^(?:\.?([A-Za-z_][\w-]*)|\[(\d{1,6})\])/;

/**
 * A board with some of its fields otherwise, checked as a board file is. Only what is named changes: what a default had made of
 * another field stays.
 *
 * @param changes path of a field as messages show it (`firmware.clocks[1].rate`), and its value as a board file has it
 * @returns `board-invalid`, also where a path leads nowhere
 */
export function changedBoard(
  board: Board,
  changes: readonly { readonly path: string; readonly value: unknown }[],
): Board | Problem {
  const changed = structuredClone(canonicalBoard(board)) as unknown as Node;
  for (const { path, value } of changes) {
    const issue = set(changed, path, value);
    if (issue !== null) return problem("board-invalid", { file: "the changed board", issues: [issue] });
  }
  return parseBoard(JSON.stringify(changed), "the changed board");
}

/** Puts a value in place; gives why that cannot be. */
function set(board: Node, path: string, value: unknown): string | null {
  const steps = stepsOf(path);
  const last = steps?.pop();
  if (steps === null || last === undefined) {
    return `found the path ${JSON.stringify(path)}, allowed are fields such as firmware.clocks[1].rate`;
  }
  let node = board;
  let place = "the board";
  for (const step of steps) {
    const below = Object.hasOwn(node, step) ? node[step] : undefined;
    if (typeof below !== "object" || below === null) return missing(path, place, step, node);
    node = below as Node;
    place = step;
  }
  if (Array.isArray(node) && !Object.hasOwn(node, last)) return missing(path, place, last, node);
  node[last] = value;
  return null;
}

function stepsOf(path: string): string[] | null {
  const steps: string[] = [];
  for (let rest = path; rest !== ""; ) {
    const match = STEP.exec(rest);
    if (match === null) return null;
    steps.push((match[1] ?? match[2]) as string);
    rest = rest.slice(match[0].length);
  }
  return steps;
}

function missing(path: string, place: string, step: string, node: Node): string {
  if (Array.isArray(node))
    return `${path}: ${foundInstead(step, `an index of ${place}, below ${node.length}`)}`;
  const known = Object.keys(node).filter((key) => typeof node[key] === "object" && node[key] !== null);
  return `${path}: ${foundInstead(step, `a part of ${place}: ${known.join(", ")}`)}${didYouMean(step, known)}`;
}

import { isYamlIssues, readYaml } from "../board/yaml-value.ts";
import type { Assumption, BoardDraft, DraftMap, DraftValue } from "./draft.ts";

/**
 * A draft with one field as a person wants it: `xen.version=v9`, or `firmware.clocks.3.rate=24000000` of the clock with id 3. What
 * was assumed of it is assumed no more. Whether the value fits the field is for the board file's own checks.
 *
 * @param setting the path and the value, in YAML
 * @returns the draft, or why there is none, in words
 */
export function withSetting(draft: BoardDraft, setting: string): BoardDraft | string {
  const [, path, text] = /^([^=]+)=(.*)$/s.exec(setting) ?? [];
  if (path === undefined || text === undefined) return `${setting} is not of the form FIELD=VALUE`;
  const steps = path
    .trim()
    .replace(/\[(\d+)\]/g, ".$1")
    .split(".");
  const yaml = readYaml(text.trim() === "" ? '""' : text);
  if (isYamlIssues(yaml)) return `${setting}: ${yaml[0]?.message ?? "the value is no YAML"}`;
  const board = set(draft.board, steps, yaml.value as DraftValue);
  if (typeof board === "string") return `${setting}: ${board}`;
  const assumptions = draft.assumptions.flatMap((each) => left(each, steps) ?? []);
  return { ...draft, board: board as DraftMap, assumptions };
}

/** A copy of a value with something below it changed; or why there is none. */
function set(
  value: DraftValue,
  steps: readonly string[],
  to: DraftValue,
): Exclude<DraftValue, string> | string {
  const [step = "", ...rest] = steps;
  if (Array.isArray(value)) {
    const items = value as readonly DraftValue[];
    const index = items.findIndex((item) => isMap(item) && item["id"] === Number(step));
    if (index === -1) return `there is no item with the id ${step}`;
    const item = rest.length === 0 ? to : set(items[index] as DraftValue, rest, to);
    return typeof item === "string" && rest.length > 0 ? item : items.with(index, item);
  }
  if (!isMap(value)) return `there is no field ${step} there`;
  if (rest.length === 0) return { ...value, [step]: to };
  if (!Object.hasOwn(value, step)) return `there is no field ${step} there`;
  const below = set(value[step] as DraftValue, rest, to);
  return typeof below === "string" ? below : { ...value, [step]: below };
}

/** What is left of an assumption when a field is set; null: nothing. */
function left(assumption: Assumption, steps: readonly string[]): Assumption | null {
  if (assumption.ids === null) return assumption.field === steps.join(".") ? null : assumption;
  const id = steps.at(-2);
  const field = `${steps.slice(0, -2).join(".")}[].${steps.at(-1)}`;
  if (assumption.field !== field) return assumption;
  const ids = assumption.ids.filter((each) => String(each) !== id);
  return ids.length === 0 ? null : { ...assumption, ids };
}

function isMap(value: DraftValue): value is DraftMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

import { DM_RULES } from "./rules/dm.ts";
import { MA_RULES } from "./rules/ma.ts";
import { CL_RULES, DT_RULES, FW_RULES, LOAD_RULES } from "./rules/other.ts";
import type { Rule } from "./rules/rule.ts";
import { XL_RULES } from "./rules/xl.ts";

/** Every rule of the lint by its id; ids are append-only. `docs/lint.md` is made of it. */
export const RULES = {
  ...MA_RULES,
  ...DM_RULES,
  ...XL_RULES,
  ...CL_RULES,
  ...FW_RULES,
  ...DT_RULES,
  ...LOAD_RULES,
} as const;

export type RuleId = keyof typeof RULES;

/** What the message of a rule is filled from. */
export type RuleParams<Id extends RuleId> = (typeof RULES)[Id] extends Rule<infer Params> ? Params : never;

/** What users read in a finding of this rule: what is wrong, then what to do. */
export function ruleMessage<Id extends RuleId>(id: Id, params: RuleParams<Id>): string {
  const { message, advice } = RULES[id] as unknown as Rule<RuleParams<Id>>;
  return advice === "" ? message(params) : `${message(params)} ${advice}`;
}

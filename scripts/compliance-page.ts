import { BASE_ROWS } from "../test/firmware/compliance/base-rows.ts";
import { CLOCK_ROWS } from "../test/firmware/compliance/clock-rows.ts";
import { PERFORMANCE_ROWS } from "../test/firmware/compliance/performance-rows.ts";
import { POWER_ROWS } from "../test/firmware/compliance/power-rows.ts";
import { RESET_ROWS } from "../test/firmware/compliance/reset-rows.ts";
import type { ComplianceRow } from "../test/firmware/compliance/rows.ts";
import { SENSOR_ROWS } from "../test/firmware/compliance/sensor-rows.ts";
import { SYSTEM_ROWS } from "../test/firmware/compliance/system-rows.ts";
import { table } from "./markdown.ts";

/** docs/compliance.md: the rules of the Arm compliance suite, and what profile `v32` does with each. */
export function compliancePage(): string {
  const rows = Object.values(SECTIONS).flat();
  const met = rows.filter(({ unmet }) => unmet === undefined).length;
  return `${[
    ...INTRO,
    "",
    `Of ${rows.length} rules ${met} are met. The others are each somebody's mistake, or knowledge of an older version, as said beside them.`,
    ...Object.entries(SECTIONS).flatMap(([title, section]) => ["", `## ${title}`, "", ...rules(section)]),
  ].join("\n")}\n`;
}

const INTRO = [
  "# The compliance suite",
  "",
  "Arm's compliance suite for SCMI platforms (ARM-software/scmi-tests) has a rule a test. Profile `v32` is held to every one of them, by",
  "the suite's ids. Where suite, real firmwares and agents disagree, `v32` follows what a Linux agent needs and what the specification's",
  "wording says, and the last column says so. What `v32` answers instead is pinned as well: a rule that comes to be met fails its test.",
  "",
  "Made from `test/firmware/compliance/` by `npm run docs`.",
];

const SECTIONS: Readonly<Record<string, readonly ComplianceRow[]>> = {
  Base: BASE_ROWS,
  "Power domains": POWER_ROWS,
  "System power": SYSTEM_ROWS,
  Performance: PERFORMANCE_ROWS,
  Clocks: CLOCK_ROWS,
  Sensors: SENSOR_ROWS,
  "Reset domains": RESET_ROWS,
};

function rules(rows: readonly ComplianceRow[]): string[] {
  return table(
    ["id", "rule", "`v32`"],
    rows.map(({ id, rule, unmet }) => [id, rule, unmet === undefined ? "met" : unmet.reason]),
  );
}

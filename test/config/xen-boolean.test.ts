import { expect, test } from "vitest";
import { booleanXenOption } from "#config/xen/boolean.ts";

const NAME = "scmi-smc-passthrough";

test.each<[string, boolean | null]>([
  ["", null],
  [NAME, true],
  [`${NAME}=`, true],
  [`no-${NAME}`, false],
  ...["yes", "on", "true", "enable", "1"].map((value): [string, boolean] => [`${NAME}=${value}`, true]),
  ...["no", "off", "false", "disable", "0"].map((value): [string, boolean] => [`${NAME}=${value}`, false]),
  [`console=dtuart  ${NAME} dom0_mem=1G`, true],
  // The last one wins, and what cannot be read leaves what was.
  [`${NAME} no-${NAME}`, false],
  [`no-${NAME} ${NAME}=1`, true],
  [`${NAME} ${NAME}=maybe`, true],
  [`${NAME}=maybe`, null],
  [`${NAME}=2`, null],
  [`no-${NAME}=off`, true],
  // Another option, however much it looks like it.
  [`${NAME}s`, null],
  [`x${NAME}`, null],
  ["scmi_smc_passthrough", null],
  ["dom0_scmi_smc_passthrough", null],
  ["SCMI-SMC-PASSTHROUGH", null],
  [`${NAME}=YES`, null],
  [`xsm=${NAME}`, null],
])("%s: %s", (cmdline, value) => {
  expect(booleanXenOption(cmdline, NAME)).toBe(value);
});

import { z } from "zod";
import { didYouMean, foundInstead, list, type Schema, UNKNOWN_SHOWN_MAX, whole, word } from "./fields.ts";
import { isSwitch, SWITCHES } from "./switches.ts";

/** Switches that are fields of `firmware` as well, where they are kept. */
const FIELD_SWITCHES = {
  trustedAgents: list(whole(0, 254), "agent ids"),
  deviceOwnership: word(["shared", "exclusive"]),
};

/** The switches that a board sets, those that are fields of `firmware` apart. */
export interface SwitchSettings {
  readonly switches: { readonly [name: string]: string | number | boolean };
  readonly trustedAgents?: readonly number[];
  readonly deviceOwnership?: "shared" | "exclusive";
}

/** The field `switches`. `rangeStatus` may be written as one map or with dots; it is kept with dots. */
export const SwitchesSchema = z
  .unknown()
  .transform((value, ctx): SwitchSettings => {
    const refuse = (path: string[], message: string): void => {
      ctx.issues.push({ code: "custom", input: value, path, message });
    };
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      refuse([], foundInstead(value, "a map of switches"));
      return z.NEVER;
    }
    const settings: Record<string, unknown> = {};
    const switches: Record<string, string | number | boolean> = {};
    let unknown = 0;
    for (const { path, given } of flatten(value)) {
      const name = path.join(".");
      const known = [...Object.keys(SWITCHES), ...Object.keys(FIELD_SWITCHES)];
      const schema = schemaOf(name);
      if (schema === undefined) {
        unknown += 1;
        refuse(path, `is not a switch, allowed are ${known.join(", ")}${didYouMean(name, known)}`);
        if (unknown === UNKNOWN_SHOWN_MAX) break;
        continue;
      }
      const result = schema.safeParse(given);
      if (!result.success) refuse(path, result.error.issues[0]?.message ?? "");
      else if (name in FIELD_SWITCHES) settings[name] = result.data;
      else switches[name] = result.data as string | number | boolean;
    }
    return { ...settings, switches };
  })
  .meta({ allowed: "a map of switches" });

function schemaOf(name: string): Schema | undefined {
  if (isSwitch(name)) return SWITCHES[name].schema;
  return Object.hasOwn(FIELD_SWITCHES, name)
    ? FIELD_SWITCHES[name as keyof typeof FIELD_SWITCHES]
    : undefined;
}

function flatten(switches: object): { path: string[]; given: unknown }[] {
  return Object.entries(switches).flatMap(([name, given]: [string, unknown]) =>
    name === "rangeStatus" && typeof given === "object" && given !== null && !Array.isArray(given)
      ? Object.entries(given).map(([side, status]: [string, unknown]) => ({
          path: [name, side],
          given: status,
        }))
      : [{ path: [name], given }],
  );
}

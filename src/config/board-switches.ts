import { z } from "zod";
import {
  asciiName,
  didYouMean,
  flag,
  foundInstead,
  list,
  type Schema,
  UNKNOWN_SHOWN_MAX,
  whole,
  word,
} from "./board-fields.ts";

/** Statuses that a switch can ask for. */
const STATUSES = [
  "NOT_SUPPORTED",
  "INVALID_PARAMETERS",
  "DENIED",
  "NOT_FOUND",
  "OUT_OF_RANGE",
  "BUSY",
  "COMMS_ERROR",
  "GENERIC_ERROR",
  "HARDWARE_ERROR",
  "PROTOCOL_ERROR",
] as const;

/** A page less the channel's header. */
const PAYLOAD_MAX = 4096 - 28;

/** Behaviour switches of a firmware profile, by name, and what each may be. */
export const SWITCHES: { readonly [name: string]: Schema } = {
  unknownMessageStatus: word(STATUSES).describe("Answer to a message that the protocol does not have."),
  "rangeStatus.attributes": word(STATUSES).describe("Answer of attributes commands to an id out of range."),
  "rangeStatus.action": word(STATUSES).describe("Answer of all other commands to an id out of range."),
  agentBase: whole(0, 1).describe("First agent id."),
  agent0Name: asciiName().describe("Name that agent 0 is told by."),
  reservedFlagPolicy: word(["ignore", "INVALID_PARAMETERS"]).describe("What reserved bits of flags lead to."),
  sizeCheck: word(["exact", "atLeast"]).describe(
    "Whether a longer request than the message needs is executed.",
  ),
  smtBusyLeak: flag().describe("Whether a refused ring wedges the channel until the host reboots."),
  maxRequestPayload: whole(0, PAYLOAD_MAX).describe("Longest payload of a request, bytes."),
  denyForeignOwnerQuirk: flag().describe("Whether denying a device frees it whoever owns it."),
  resetAgentFlag0: word(["noop", "state"]).describe("What RESET_AGENT_CONFIGURATION does with flag 0 clear."),
  permBackupDepth: word(["last", "boot"]).describe(
    "What permissions are reset to: before the last change, or at boot.",
  ),
  scpPermNoop: flag().describe("Whether setting permissions succeeds and changes nothing."),
  deniedStatus: word(STATUSES).describe("Answer to an agent without the permission."),
  attributesWhenDenied: word(["readable", "DENIED"]).describe(
    "Whether an agent without the permission may read attributes.",
  ),
  protocolHiddenWhenDenied: flag().describe(
    "Whether a protocol is hidden from an agent without the permission.",
  ),
  notifications: flag().describe("Whether notifications can be asked for."),
  asyncSupport: flag().describe("Whether asynchronous commands are served."),
  clockVotes: word(["global", "perAgent"]).describe("Whose enables of a clock count."),
  pdRefCount: word(["global", "perAgent"]).describe("Whose uses of a power domain count."),
  pinctrlPlus2Bug: flag().describe(
    "Whether pin control answers +2 for a configuration type that it does not map.",
  ),
  imxBugs: flag().describe("Whether profile imx has the bugs of the original."),
};

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
      const schema: Schema | undefined = known.includes(name)
        ? (SWITCHES[name] ?? FIELD_SWITCHES[name as keyof typeof FIELD_SWITCHES])
        : undefined;
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

import { SWITCHES } from "#config/board/switches.ts";
import type { SpokenProtocol } from "#firmware/profiles/profile.ts";
import { PROFILE_TABLE } from "#firmware/profiles.ts";
import type { Command } from "#scmi/protocol.ts";
import { commandsOf, PROTOCOLS } from "#scmi/registry.ts";
import { table } from "./markdown.ts";

/** docs/profiles.md: what each profile of the firmware does, switch by switch. */
export function profilesPage(): string {
  const names = PROFILE_TABLE.map(({ name }) => name);
  return `${[
    "# Firmware profiles",
    "",
    "Real SCMI firmwares disagree. `firmware.profile` of the board file chooses whose behaviour the model has:",
    "",
    ...PROFILE_TABLE.map(({ name, doc }) => `- \`${name}\`: ${doc}`),
    "",
    "## Protocols",
    "",
    "The version that each tells, and the ids of the messages that it has.",
    "",
    ...table(
      ["protocol", ...names],
      PROTOCOLS.map(({ name }) => [name, ...PROFILE_TABLE.map(spokenBy(name))]),
    ),
    "",
    "## Switches",
    "",
    "What else differs. `firmware.switches` of the board file overrides any of these by name.",
    ...Object.entries(SWITCHES).flatMap(([name, { doc, allowed }]) => [
      "",
      `### ${name}`,
      "",
      `${doc} Allowed: ${allowed}.`,
      "",
      ...table(names, [
        PROFILE_TABLE.map(({ switches }) => `\`${String(switches[name as keyof typeof SWITCHES])}\``),
      ]),
    ]),
    "",
    "Made from `src/firmware/profiles/` and `src/config/board/switches.ts` by `npm run docs`.",
  ].join("\n")}\n`;
}

type Profile = (typeof PROFILE_TABLE)[number];

function spokenBy(protocol: string): (profile: Profile) => string {
  return ({ protocols }) => {
    const spoken = protocols[protocol];
    if (spoken === undefined) return "–";
    const all = PROTOCOLS.filter(({ name }) => name === protocol).flatMap(commandsOf);
    const ids = all.filter((command) => isSpoken(spoken, command)).map(({ id }) => id);
    return `0x${spoken.version.toString(16)}: ${ranges(ids)}`;
  };
}

/** Whether a profile has a message: it is among those it lists, if it does, and in its version. */
export function isSpoken({ version, layout = version, messages }: SpokenProtocol, command: Command): boolean {
  return (command.from ?? 0) <= layout && (messages === undefined || messages.includes(command.id));
}

/** Ids in ascending order as ranges: `0x0-0x7, 0x9`. */
function ranges(ids: readonly number[]): string {
  const found: [first: number, last: number][] = [];
  for (const id of ids) {
    const current = found.at(-1);
    if (current?.[1] === id - 1) current[1] = id;
    else found.push([id, id]);
  }
  const hex = (id: number) => `0x${id.toString(16)}`;
  return found
    .map(([first, last]) => (first === last ? hex(first) : `${hex(first)}-${hex(last)}`))
    .join(", ");
}

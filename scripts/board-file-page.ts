import { z } from "zod";
import { BoardSchema } from "#config/board/schema.ts";
import { SWITCHES } from "#config/board/switches.ts";

/** docs/board-file.md: every field of the board file, from the schema that reads it. */
export function boardFilePage(): string {
  return `${[...INTRO, ...tables("", "The board file", BoardSchema), ...switchTable()].join("\n")}\n`;
}

const INTRO = `# The board file

A board file describes one machine: the hypervisor, the EL3 firmware, and which files go with it. It is YAML 1.2, and so may be
JSON. The boards in \`examples/\` are whole ones.

- Numbers may be hexadecimal: \`0x47ff0000\`, or \`"0x47ff0000"\` in quotes. Decimal numbers are not quoted.
- \`on\` and \`off\` are words for \`true\` and \`false\`, everywhere.
- A field that is there without a value counts as left out. Fields that there are not are errors, and so is a key that is there twice.
- Names are printable ASCII. The firmware cuts names longer than 15 characters, as SCMI has no room for more.
- Anchors and aliases can be used; tags and merge keys (\`<<\`) cannot.
- Paths are relative to the board file.

Ids, function ids and shared-memory pages have to differ; whatever refers to an id has to find it; power domains have no circles
of parents; and a clock's \`rate\` is one that its \`rates\` or \`range\` allow. Every issue is told with its path, its line, what was
found and what is allowed, by the problem [board-invalid](problems.md#board-invalid).

With profile \`ref-rcar\` or \`ref-rpi5\` a board may leave its resources out, and has those of R-Car V4H or Raspberry Pi 5: of
each protocol in \`protocols\` of which it lists none, or of all where it lists neither protocols nor resources.

Made from \`src/config/board/schema.ts\` by \`npm run docs\`.`.split("\n");

/** The table of one map's fields, then the tables of the maps in it. `path` ends in a dot, or is empty. */
function tables(path: string, title: string, schema: z.ZodType): string[] {
  const fields = Object.entries(shapeOf(schema) ?? {});
  const rows = fields.map(([name, field]) => {
    const { description, fallback } = metaOf(field);
    return `| \`${path}${name}\` | ${allowedIn(field)} | ${fallback ?? "needed"} | ${description} |`;
  });
  const inner = fields.flatMap(([name, field]) => {
    const { schema: within, list } = contentOf(field);
    const place = `${path}${name}${list ? "[]" : ""}`;
    return shapeOf(within) === undefined ? [] : tables(`${place}.`, `\`${place}\``, within);
  });
  return [
    "",
    `## ${title}`,
    "",
    "| field | allowed | default | meaning |",
    "|---|---|---|---|",
    ...rows,
    ...inner,
  ];
}

function switchTable(): string[] {
  const rows = Object.entries(SWITCHES).map(
    ([name, { allowed, doc }]) => `| \`${name}\` | ${shorten(allowed)} | ${doc} |`,
  );
  return [
    "",
    "## Switches",
    "",
    "`firmware.switches` overrides single points of the profile's behaviour. The pair of `rangeStatus` may be written as a map too;",
    "`trustedAgents` and `deviceOwnership` can be given here instead of as fields. [What each profile has](profiles.md#switches).",
    "",
    "| switch | allowed | meaning |",
    "|---|---|---|",
    ...rows,
  ];
}

/** The statuses are no news to who sets such a switch, and long. */
function shorten(allowed: string): string {
  return allowed.includes("COMMS_ERROR") ? "a status of SCMI, but SUCCESS" : allowed;
}

/** What is allowed in a field: its own text, or what kind of thing has a table below. */
function allowedIn(field: z.ZodType): string {
  const { allowed, inner } = metaOf(field);
  return allowed ?? (inner === undefined ? "a map" : allowedIn(inner));
}

/** What a field holds: the schema of the map, or of the items of the list. */
function contentOf(field: z.ZodType): { schema: z.ZodType; list: boolean } {
  const schema = metaOf(field).inner ?? field;
  return schema instanceof z.ZodArray
    ? { schema: schema.element as z.ZodType, list: true }
    : { schema, list: false };
}

/** The fields of a map, also of one that is transformed after reading; undefined for anything else. */
function shapeOf(schema: z.ZodType): Readonly<Record<string, z.ZodType>> | undefined {
  if (schema instanceof z.ZodPipe) return shapeOf(schema.in as z.ZodType);
  return schema instanceof z.ZodObject ? (schema.shape as Record<string, z.ZodType>) : undefined;
}

/** What src/config/board/fields.ts says of a field. */
interface FieldMeta {
  readonly description?: string;
  readonly allowed?: string;
  readonly fallback?: string;
  readonly inner?: z.ZodType;
}

function metaOf(schema: z.ZodType): FieldMeta {
  return (schema.meta() ?? {}) as FieldMeta;
}

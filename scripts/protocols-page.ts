import { PROFILE_TABLE } from "#firmware/profiles.ts";
import type { BitField, Field, Fields, RecordField } from "#scmi/fields.ts";
import { layoutsOf, widthOf } from "#scmi/layout.ts";
import type { Command, Protocol, SentMessage } from "#scmi/protocol.ts";
import { commandsOf, PROTOCOLS } from "#scmi/registry.ts";
import { table } from "./markdown.ts";
import { isSpoken } from "./profiles-page.ts";

/** docs/protocols.md: every message of every protocol, from the command tables. */
export function protocolsPage(): string {
  return `${[...INTRO, ...PROTOCOLS.flatMap(protocolSection)].join("\n")}\n`;
}

const INTRO = [
  "# Protocols",
  "",
  "Every SCMI message that the model has a table of: its fields as they lie in the payload, little-endian, offsets in bytes. Names",
  "of messages are SCMI's, names of fields are SCMI's in camel case.",
  "",
  "A typed call names a protocol and a message, or gives their ids, and every field of the request in `params`:",
  "",
  '- a `u32` or `i32` as a number, or as text in decimal or hex; where its values have names, also by name (`"OFF"`); where its bits',
  '  have names, also as an object (`{"async": true}`), the bits left out being 0;',
  "- a `u64` or `i64`, which is two words on the wire, the low one first, as text, or as a number up to 2^53;",
  "- a name as text, a list as an array.",
  "",
  "A field that is there only *from* a version on may be left out: the request then has the older form. A decoded answer has",
  "`status` by name and `statusCode`; an error's answer ends there. Beside the fields, `meaning` has the named values and bits of",
  "words, and `rest` the bytes that no field covers.",
  "",
  "Made from `src/scmi/protocols/` by `npm run docs`.",
];

function protocolSection(protocol: Protocol): string[] {
  const rows = PROFILE_TABLE.flatMap((profile) => {
    const spoken = profile.protocols[protocol.name];
    return spoken === undefined ? [] : [`\`${profile.name}\` speaks ${word(spoken.version)}`];
  });
  return [
    "",
    `## ${protocol.name} (0x${protocol.protocolId.toString(16)})`,
    "",
    `${protocol.doc} The newest version is ${word(protocol.version)}; ${rows.join(", ")}.`,
    ...commandsOf(protocol).flatMap(commandSection),
    ...Object.values(protocol.sent).flatMap(sentSection),
    ...longNames(protocol),
  ];
}

function sentSection(message: SentMessage): string[] {
  const kind = message.kind === "delayed" ? "delayed response" : "notification";
  return [
    "",
    `### ${message.protocolName} ${message.name} (${kind} 0x${message.id.toString(16)})`,
    "",
    `${message.doc} Since SCMI ${message.since}; sent by the platform.`,
    ...fieldsTable("Payload", message.p2a),
  ];
}

function commandSection(command: Command): string[] {
  return [
    "",
    `### ${command.protocolName} ${command.name} (0x${command.id.toString(16)})`,
    "",
    `${command.doc} Since SCMI ${command.since}; ${implementers(command)}.`,
    ...fieldsTable("Request", command.a2p),
    ...fieldsTable("Answer", command.p2a),
    ...walk(command),
  ];
}

function implementers(command: Command): string {
  const names = PROFILE_TABLE.flatMap(({ name, protocols }) => {
    const spoken = protocols[command.protocolName];
    return spoken !== undefined && isSpoken(spoken, command) ? [`\`${name}\``] : [];
  });
  const from = command.from === undefined ? "" : `, from version ${word(command.from)} on`;
  return (names.length === 0 ? "in no profile" : `in ${names.join(", ")}`) + from;
}

function fieldsTable(title: string, fields: Fields): string[] {
  const [newest] = layoutsOf(fields);
  const offsets = new Map(newest?.entries.map(({ name, offset }) => [name, offset]));
  const rows = Object.entries(fields).flatMap(([name, field]) => [
    [String(offsets.get(name) ?? newest?.size), `\`${name}\``, typeOf(field), meaningOf(field)],
    ...(field.kind === "list" && field.item.kind === "record" ? partRows(name, field.item) : []),
  ]);
  return rows.length === 0
    ? ["", `${title}: empty.`]
    : ["", ...table([title, "field", "type", "meaning"], rows)];
}

/** The parts of a list's records, a row each; offsets from the start of the record, all parts taken to be there. */
function partRows(list: string, { fields }: RecordField): string[][] {
  let offset = 0;
  return Object.entries(fields).map(([name, part]) => {
    const row = [`+${offset}`, `\`${list}[].${name}\``, typeOf(part), meaningOf(part)];
    offset += widthOf(part);
    return row;
  });
}

function typeOf(field: Field): string {
  switch (field.kind) {
    case "list":
      return `${field.item.kind} …`;
    case "name":
      return `name${field.bytes}`;
    case "u32":
    case "i32":
    case "u64":
    case "i64":
      return field.kind;
  }
}

function meaningOf(field: Field): string {
  const parts = [field.doc, field.unit === undefined ? undefined : `in ${field.unit}`];
  if (field.kind === "list" && field.item.kind === "u32") {
    const meaning = meaningOf(field.item);
    if (meaning !== "") parts.push(meaning);
  }
  if (field.kind === "u32") {
    parts.push(...namesOf(field.values));
    for (const [name, bits] of Object.entries(field.bits ?? {})) parts.push(describeBits(name, bits));
    if (Object.keys(field.bits ?? { any: 0 }).length === 0) parts.push("reserved");
  }
  if (field.from !== undefined) parts.push(`from version ${word(field.from)} on`);
  if (field.when !== undefined) parts.push(`only where \`${field.when}\` is set`);
  return parts.filter((part) => part !== undefined).join("; ");
}

function describeBits(name: string, { low, width, doc, signed, values }: BitField): string {
  const where = width === 1 ? `bit ${low}` : `bits ${low + width - 1}:${low}`;
  const names = isLong(values) ? [`by the names of \`${name}\` below`] : namesOf(values);
  return `\`${name}\` (${where}${signed ? ", signed" : ""}): ${doc}${names.length === 0 ? "" : `, ${names.join(", ")}`}`;
}

/** Whether there are more names than a cell of a table has room for. */
function isLong(values: BitField["values"]): boolean {
  return Object.keys(values ?? {}).length > 16;
}

/** The names of bits that are too many for a table, once for a protocol. */
function longNames({ commands }: Protocol): string[] {
  const found = new Map<string, BitField>();
  for (const { a2p, p2a } of Object.values(commands)) {
    for (const field of [...Object.values(a2p), ...Object.values(p2a)]) {
      const words =
        field.kind === "list" && field.item.kind === "record" ? Object.values(field.item.fields) : [field];
      for (const part of words.flatMap((word) =>
        Object.entries(word.kind === "u32" ? (word.bits ?? {}) : {}),
      )) {
        if (isLong(part[1].values)) found.set(...part);
      }
    }
  }
  return [...found].flatMap(([name, { values }]) => [
    "",
    `Names of \`${name}\`: ${Object.entries(values ?? {})
      .map(([text, value]) => `${text} ${value}`)
      .join(", ")}.`,
  ]);
}

function namesOf(values: Readonly<Record<string, number>> | undefined): string[] {
  return Object.entries(values ?? {}).map(([name, value]) => `${name} = 0x${value.toString(16)}`);
}

function walk({ iteration }: Command): string[] {
  if (iteration === undefined) return [];
  const { index, returned, remaining, list } = iteration;
  const end = remaining === undefined ? "until none comes" : `until \`${remaining}\` is 0`;
  return ["", `To get all \`${list}\`, add \`${returned}\` to \`${index}\` and ask again, ${end}.`];
}

function word(version: number): string {
  return `0x${version.toString(16)}`;
}

import { z } from "zod";
import { EVENTS } from "#events/schemas.ts";
import type { EventType } from "#events/types.ts";

const HEAD = `# Events

Every change and every refusal on a host is an event. This page is made from \`src/events/schemas.ts\` by \`npm run docs\`.

## The envelope

| field | meaning |
|---|---|
| \`seq\` | place in the log: dense, from 1 |
| \`time\` | UTC, microseconds; never falls |
| \`type\`, \`version\` | what happened, and the version of its shape |
| \`epoch\` | count of host boots, from 1 |
| \`commandId\` | the command it belongs to: all events of a command are durable together, or none is |
| \`actor\`, \`source\`, \`reason\` | who asked, by which way (\`rest\`, \`cli\`, \`attach\`, \`import\`, \`boot\`), and why, if said |
| \`domid\`, \`agentId\` | whom it is about, where it is about one |
| \`program\` | version of the program that decided it |
| \`text\` | what it says, on one line for a person; made on reading, with the board's names |
| \`data\` | as below |

Bytes are lowercase hex, registers and addresses hex strings. \`decoded\` of an SMC is made on reading and never stored.

## How a row is packed

\`seq\`, \`time\` (microseconds since 1970), \`type\`, \`epoch\`, \`command_id\`, \`domid\` and \`agent\` are columns of the table \`events\`; the
table \`commands\` has actor, source, reason, program, the canonical input and the state digest after the command. The \`body\` is
self-contained, so that a run of bodies can be read in one piece:

| offset | size | what |
|---|---|---|
| 0 | 4 | bytes of the body, little-endian |
| 4 | 1 | code of the type |
| 5 | 1 | version of the type |
| 6 | 2 | domid, 0xffff: none |
| 8 | 4 | agent id, 0xffffffff: none |
| 12 | | the data: canonical JSON (UTF-8); packed for the SMC events; \`host.configured\` has the flattened device tree behind its JSON, whose length comes first |

The packed layout of the SMC events stands at the head of \`src/events/smc-codec.ts\`. The view \`events_text\` shows a log in the sqlite3 shell:

    sqlite3 -box var/rcar-v4h.db "SELECT seq, time, type, domid, agent, data FROM events_text LIMIT 20"
`;

/** What the packed events carry: they have no schema of their own, as they never are JSON in the log. */
const PACKED: { readonly [Type in EventType]?: readonly [string, string][] } = {
  "smc.forwarded": [
    ["origin", "`domain`, `xen` (Xen's own channel)"],
    ["shmem", "address of the caller's page"],
    ["writes", "what the caller wrote into the page before it rang: `[{offset, bytes}]`"],
    ["x", "x0..x7"],
    ["request", "`{header, payload}` as the firmware found it, or null: it does not know the function id"],
    ["xOut", "x0..x3"],
    ["response", "`{channelStatus, length, header, payload}` as the firmware left the page, or null"],
    [
      "effects",
      "cells of the firmware's state that became something else: `[{path, value}]`; null is the default again",
    ],
    [
      "notifications?",
      "what the firmware sent by itself because of it, in order: `[{agentId, outcome, header, payload, decoded}]`, outcome `sent`, `queued` or `dropped`",
    ],
    ["decoded", "request and response in words"],
  ],
  "smc.refused": [
    ["origin", "`domain`, `xen`"],
    [
      "reason",
      "`owner-not-sip`, `no-mediator`, `sci-off`, `foreign-function-id`, `unprivileged` (not the owner of the single-agent mediator's SCMI), `channel-busy`, `no-management-channel`",
    ],
    ["shmem", "address of the caller's page, or null"],
    ["writes", "what the caller wrote into the page: `[{offset, bytes}]`"],
    ["x", "x0..x7"],
  ],
};

interface Schema {
  /** Shapes that exclude each other, of which a field says which. */
  readonly oneOf?: readonly Schema[];
  readonly properties?: { readonly [name: string]: object };
  readonly required?: readonly string[];
}

/** docs/events.md. */
export function eventsPage(): string {
  const sections = (Object.keys(EVENTS) as EventType[]).map((type) => {
    const { code, version, doc, data } = EVENTS[type];
    const rows =
      data === null ? (PACKED[type] ?? []) : rowsOf(z.toJSONSchema(data, { io: "input" }) as Schema);
    const extra = type === "host.configured" ? [["deviceTree", "the flattened device tree itself, hex"]] : [];
    const table = [...rows, ...extra].map(([name, shape]) => `| \`${name}\` | ${shape} |`).join("\n");
    return `## ${type}\n\n${doc} (code ${code}, version ${version})\n\n| field | shape |\n|---|---|\n${table}\n`;
  });
  return `${HEAD}\n${sections.join("\n")}`;
}

function rowsOf({ oneOf, properties = {}, required = [] }: Schema): [string, string][] {
  if (oneOf !== undefined) return mergedRows(oneOf.map(rowsOf));
  return Object.entries(properties).map(([name, shape]) => [
    required.includes(name) ? name : `${name}?`,
    shapeOf(shape),
  ]);
}

/** The rows of several shapes as one table: a field that not all of them have is optional. */
function mergedRows(tables: readonly (readonly [string, string][])[]): [string, string][] {
  const shapes = new Map<string, string[]>();
  for (const [name, shape] of tables.flat()) shapes.set(name, [...(shapes.get(name) ?? []), shape]);
  return [...shapes].map(([name, all]) => [
    all.length < tables.length && !name.endsWith("?") ? `${name}?` : name,
    [...new Set(all)].join(" or "),
  ]);
}

function shapeOf(shape: object): string {
  const {
    type,
    enum: values,
    anyOf,
    items,
    properties,
    const: only,
  } = shape as {
    type?: string;
    enum?: readonly string[];
    anyOf?: readonly object[];
    items?: object;
    properties?: { readonly [name: string]: object };
    const?: string;
  };
  if (only !== undefined) return `\`${only}\``;
  if (values !== undefined && values.length > 10) return "errno";
  if (values !== undefined) return values.map((value) => `\`${value}\``).join(", ");
  if (anyOf !== undefined) return anyOf.map(shapeOf).join(" or ");
  if (type === "array" && items !== undefined) return `list of ${shapeOf(items)}`;
  if (properties !== undefined) return `{${Object.keys(properties).join(", ")}}`;
  return type ?? "anything";
}

import type { Json } from "#base/canonical-json.ts";
import type { End, Stored } from "./stored.ts";

/** Forms that events can leave in. */
export const EXPORT_FORMATS = ["jsonl", "csv", "cloudevents"] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** Media types of the forms. */
export const MEDIA_TYPES: Readonly<Record<ExportFormat, string>> = {
  jsonl: "application/x-ndjson; charset=utf-8",
  csv: "text/csv; charset=utf-8; header=present",
  cloudevents: "application/x-ndjson; charset=utf-8",
};

/** An event as the API shows it. */
export type Shown = { readonly [field: string]: Json | undefined };

/** A form of export: a line for each event, and one that says that it is complete. */
export interface Form {
  /** What stands before the first event. */
  readonly head: string;
  line(event: Shown, stored: Stored): string;
  end(end: End["end"]): string;
}

/** The form of a name. `origin`: which log it is, for CloudEvents; null where it has none. */
export function formOf(format: ExportFormat, origin: string | null): Form {
  switch (format) {
    case "jsonl":
      return {
        head: "",
        line: (event, stored) => `${JSON.stringify({ ...event, stored })}\n`,
        end: (end) => `${JSON.stringify({ end })}\n`,
      };
    case "csv":
      return { head: csvLine(CSV_COLUMNS), line: (event) => csvLine(csvCells(event)), end: csvEnd };
    case "cloudevents":
      return cloudEvents(origin);
  }
}

const CSV_COLUMNS = [
  "seq",
  "time",
  "type",
  "epoch",
  "commandId",
  "actor",
  "source",
  "reason",
  "address",
  "requestId",
  "domid",
  "agentId",
  "program",
  "text",
  "data",
] as const;

function csvCells(event: Shown): (string | number)[] {
  const request = (event["request"] ?? {}) as Shown;
  const cells: Shown = { ...event, address: request["address"], requestId: request["id"] };
  return CSV_COLUMNS.map((column) => {
    const value = cells[column];
    if (value === undefined || value === null) return "";
    return typeof value === "string" || typeof value === "number" ? value : JSON.stringify(value);
  });
}

/** The last row has no event: its type is `end`, its seq the last one, its data the root. */
function csvEnd({ headSeq, root }: End["end"]): string {
  return csvLine(
    CSV_COLUMNS.map((column) => ({ seq: headSeq, type: "end", data: root ?? "" })[column as "seq"] ?? ""),
  );
}

/** A line of RFC 4180. What a spreadsheet would take for a formula is marked as a text. */
function csvLine(cells: readonly (string | number)[]): string {
  const quoted = cells.map((cell) => {
    const text = typeof cell === "string" && /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : String(cell);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  });
  return `${quoted.join(",")}\r\n`;
}

/** @see CloudEvents 1.0, JSON event format; `sequence` is its extension of that name */
function cloudEvents(origin: string | null): Form {
  const source = `urn:scmi-control-plane:${encodeURIComponent(origin ?? "log")}`;
  const envelope = (id: string, type: string) => ({
    specversion: "1.0",
    id,
    source,
    type: `scmi-control-plane.${type}`,
  });
  return {
    head: "",
    line(event) {
      const { seq, time, type, epoch, commandId, actor, domid, agentId, data, ...rest } = event;
      const subject = [
        ...(domid === undefined ? [] : [`domain/${String(domid)}`]),
        ...(agentId === undefined ? [] : [`agent/${String(agentId)}`]),
      ].join("/");
      return `${JSON.stringify({
        ...envelope(String(seq), String(type)),
        time,
        ...(subject === "" ? {} : { subject }),
        datacontenttype: "application/json",
        sequence: String(seq).padStart(16, "0"),
        epoch,
        commandid: commandId,
        actor,
        data: { ...rest, data },
      })}\n`;
    },
    end: ({ headSeq, root }) =>
      `${JSON.stringify({
        ...envelope(`end-${headSeq}`, "end"),
        datacontenttype: "application/json",
        sequence: String(headSeq).padStart(16, "0"),
        data: { headSeq, root },
      })}\n`,
  };
}

import { finished } from "node:stream/promises";
import type { Problem } from "#base/problem.ts";

/** Exit statuses of scmictl. */
export const EXIT = { done: 0, refused: 1, usage: 2 } as const;

/** Writes to stdout and waits while its reader is slow. */
export async function write(text: string): Promise<void> {
  if (process.stdout.write(text)) return;
  await new Promise<void>((resolve) => process.stdout.once("drain", resolve));
}

/** A line to stdout. */
export function print(line: string): Promise<void> {
  return write(`${line}\n`);
}

/** A value as JSON to stdout, indented. */
export function printJson(value: unknown): Promise<void> {
  return print(JSON.stringify(value, null, 2));
}

/** A line to stderr: progress, notes, refusals. */
export function note(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Says why something was refused, and makes the exit status say so too. */
export function refuse({ code, detail, hint, errno, seq }: Problem): void {
  note(`scmictl: ${detail}`);
  if (hint !== "") note(`hint: ${hint}`);
  const recorded = seq === null ? "" : `, recorded as event ${seq}`;
  note(`code: ${code}${errno === null ? "" : `, errno: ${errno}`}${recorded}`);
  process.exitCode = EXIT.refused;
}

/** A reader that goes away (`| head`) ends the program quietly. */
export function endQuietlyWithReader(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit();
    throw error;
  });
}

/** Waits until stdout has taken everything: a pipe takes its time. */
export async function flush(): Promise<void> {
  if (process.stdout.writableLength > 0) await finished(process.stdout.end());
}

/** What a cell of a table shows. */
function cell(value: unknown): string {
  if (value === null || value === undefined) return "-";
  if (Array.isArray(value)) return value.length === 0 ? "-" : value.map(cell).join(", ");
  if (typeof value === "object") return JSON.stringify(value);
  return String(value);
}

/** Rows in columns, as wide as their widest cell; the last column is as wide as it likes. */
export function table(heads: readonly string[], rows: readonly (readonly unknown[])[]): string {
  const lines = [heads, ...rows.map((row) => row.map(cell))];
  const widths = heads.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? "").length)));
  return lines
    .map((line) =>
      line
        .map((text, column) => (column === heads.length - 1 ? text : text.padEnd(widths[column] ?? 0)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** Names and what they are, one a line. */
export function facts(pairs: readonly (readonly [string, unknown])[]): string {
  const width = Math.max(...pairs.map(([name]) => name.length));
  return pairs.map(([name, value]) => `${`${name}:`.padEnd(width + 2)}${cell(value)}`).join("\n");
}

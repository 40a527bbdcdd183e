import { type Command, InvalidArgumentError } from "commander";
import type { Address } from "#api/server.ts";
import { isProblem, type Problem } from "#base/problem.ts";
import { Client, type Source } from "./client.ts";

/** Where a server listens when nobody says; the server room has the same. */
export const DEFAULT_ADDRESS = { host: "127.0.0.1", port: 7420 } as const satisfies Address;
export const DEFAULT_URL: string = `http://${DEFAULT_ADDRESS.host}:${DEFAULT_ADDRESS.port}`;

/** Options of every verb. */
export interface CommonOptions {
  readonly url?: string;
  readonly json?: boolean;
}

/** Options of verbs that read. */
export interface ReadingOptions extends CommonOptions {
  readonly db?: string;
}

/** Options of verbs that write. */
export interface WritingOptions extends CommonOptions {
  readonly reason?: string;
  readonly idempotencyKey?: string;
}

/** Lets a verb read a log file instead of asking a server. */
export function reading(command: Command): Command {
  return command.option("--db <file>", "read this log file instead of asking a server; it is never changed");
}

/** Lets a verb say why it writes, and be repeated without doing it twice. */
export function writing(command: Command): Command {
  return command
    .option("--reason <text>", "why; recorded with the events")
    .option("--idempotency-key <key>", "the same key and request are done once, and answered alike");
}

/** The server that the options, or the environment, name. */
export function client({ url }: CommonOptions): Client {
  const { SCMICTL_URL, SCMICTL_TOKEN } = process.env;
  return new Client(url ?? (SCMICTL_URL || DEFAULT_URL), SCMICTL_TOKEN || undefined);
}

/** Where a reading verb reads. */
export async function source(options: ReadingOptions): Promise<Source | Problem> {
  if (options.db === undefined) return client(options);
  const { openLogSource } = await import("./logs/log-source.ts");
  return openLogSource(options.db);
}

/** Reads with a source and closes it, however it ends. */
export async function withSource<T>(
  options: ReadingOptions,
  work: (source: Source) => Promise<T>,
): Promise<T | Problem> {
  const opened = await source(options);
  if (isProblem(opened)) return opened;
  try {
    return await work(opened);
  } finally {
    await opened.close();
  }
}

/** A whole number of an argument or an option. */
export function whole(text: string): number {
  if (!/^(0[xX][0-9a-fA-F]{1,13}|\d{1,15})$/.test(text)) {
    throw new InvalidArgumentError("It is no whole number.");
  }
  return Number(text);
}

/** Collects an option that may be given more than once. */
export function several(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

import { isProblem, type Problem } from "#base/problem.ts";
import { eventLine } from "#events/event-line.ts";
import type { Body, Query, Source } from "../client.ts";
import { domidOf } from "../domid.ts";
import type { ReadingOptions } from "../options.ts";
import { print } from "../output.ts";

/** Which events the log is asked for, and how they are shown. */
export interface LogOptions extends ReadingOptions {
  readonly after?: number;
  readonly limit?: number;
  readonly type?: string;
  readonly agent?: number;
  readonly domain?: string;
  readonly command?: number;
  readonly follow?: boolean;
}

/** The filters that `/v1/events` and its stream take. */
export async function filters(source: Source, options: LogOptions): Promise<Query | Problem> {
  const { type, agent, domain, command } = options;
  const domid = domain === undefined ? undefined : await domidOf(source, domain);
  return isProblem(domid) ? domid : { type, agentId: agent, domid, commandId: command };
}

/** Prints one event, as a line of JSON or for a person. */
export function printEvent(event: Body, { json }: LogOptions): Promise<void> {
  return print(json === true ? JSON.stringify(event) : eventLine(event));
}

import { isProblem, type Problem } from "#base/problem.ts";
import type { Body, Query, Source } from "./client.ts";
import { domidOf } from "./domid.ts";
import type { ReadingOptions } from "./options.ts";
import { print } from "./output.ts";

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

/** An event on one line: `12  2026-11-20T23:49:28.000001Z  domain.created  domid 1  agent 2  red created, agent 2`. */
export function eventLine(event: Body): string {
  const { seq, time, type, domid, agentId, actor, reason } = event;
  const parts = [
    String(seq).padStart(6),
    time,
    String(type).padEnd(25),
    ...(domid === undefined ? [] : [`domid ${domid}`]),
    ...(agentId === undefined ? [] : [`agent ${agentId}`]),
    String(event["text"] ?? ""),
    ...(actor === "system" ? [] : [`by ${actor}`]),
    ...(reason === undefined ? [] : [`(${reason})`]),
  ];
  return parts
    .filter((part) => part !== "")
    .join("  ")
    .trimEnd();
}

import type { Command } from "commander";
import { isProblem, type Problem } from "#base/problem.ts";
import type { Body, Query, Source } from "../client.ts";
import { filters, type LogOptions, printEvent } from "../logs/events.ts";
import { reading, source, whole } from "../options.ts";
import { refuse } from "../output.ts";
import { itemsOf } from "../show.ts";
import { follow } from "./follow.ts";

const PAGE_EVENTS = 1000;

export function addLog(program: Command): void {
  reading(program.command("log"))
    .description("events, oldest first; with --json one JSON object a line")
    .option("--after <seq>", "events behind this one", whole)
    .option("--limit <count>", "at most so many", whole)
    .option("--type <type>", "events of this type: smc.forwarded, domain.created, …")
    .option("--agent <id>", "events about this agent", whole)
    .option("--domain <domain>", "events about this domain: domid, name or uuid")
    .option("--command <id>", "events of this command", whole)
    .option("-f, --follow", "go on with what is recorded from now on; without --after only that")
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<LogOptions>();
      const opened = await source(options);
      if (isProblem(opened)) {
        refuse(opened);
        return;
      }
      try {
        const filter = await filters(opened, options);
        const read = options.follow === true ? follow : list;
        const problem = isProblem(filter) ? filter : await read(opened, filter, options);
        if (problem !== null) refuse(problem);
      } finally {
        await opened.close();
      }
    });
}

async function list(source: Source, filter: Query, options: LogOptions): Promise<Problem | null> {
  let after: number | null = options.after ?? 0;
  let left = options.limit ?? Number.POSITIVE_INFINITY;
  while (after !== null && left > 0) {
    const query: Query = { ...filter, after, limit: Math.min(left, PAGE_EVENTS) };
    const page: Body | Problem = await source.get("/v1/events", query);
    if (isProblem(page)) return page;
    for (const event of itemsOf(page)) await printEvent(event, options);
    left -= itemsOf(page).length;
    after = page["next"] as number | null;
  }
  return null;
}

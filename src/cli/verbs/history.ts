import type { Command } from "commander";
import { isProblem } from "#base/problem.ts";
import { domidOf } from "../domid.ts";
import { type ReadingOptions, reading, whole, withSource } from "../options.ts";
import { table } from "../output.ts";
import { columns, itemsOf, show, wholeList } from "../show.ts";

interface HistoryOptions extends ReadingOptions {
  readonly agent?: number;
  readonly device?: number;
  readonly domain?: string;
  readonly from?: string;
  readonly to?: string;
}

export function addHistory(program: Command): void {
  reading(program.command("history"))
    .description("each change of a permission: when, by whom, why")
    .option("--agent <id>", "of this agent", whole)
    .option("--device <id>", "for this device", whole)
    .option("--domain <domain>", "while this domain held the agent: domid, name or uuid")
    .option("--from <moment>", "a seq, or an ISO time, inclusive")
    .option("--to <moment>", "a seq, or an ISO time, inclusive")
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<HistoryOptions>();
      const { agent, device, domain, from, to } = options;
      const answer = await withSource(options, async (source) => {
        const domid = domain === undefined ? undefined : await domidOf(source, domain);
        if (isProblem(domid)) return domid;
        const query = { agentId: agent, deviceId: device, domid, from, to };
        return wholeList(source, "/v1/permissions/history", query);
      });
      await show(answer, options, (body) => {
        const fields = ["seq", "time", "agentId", "deviceId", "allowed", "cause", "domid", "actor", "reason"];
        const heads = ["seq", "time", "agent", "device", "allowed", "cause", "domid", "actor", "reason"];
        return table(heads, columns(itemsOf(body), fields));
      });
    });
}

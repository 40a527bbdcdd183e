import type { Command } from "commander";
import type { Body } from "../client.ts";
import { type ReadingOptions, reading, whole, withSource } from "../options.ts";
import { table } from "../output.ts";
import { columns, show } from "../show.ts";

export function addExplain(program: Command): void {
  reading(program.command("explain"))
    .description("whether an agent may use a device, and the events that made it so")
    .argument("<agentId>", "SCMI agent id", whole)
    .argument("<deviceId>", "SCMI device id", whole)
    .option("--at <moment>", "a seq, or an ISO time, inclusive")
    .action(async (agentId: number, deviceId: number, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<ReadingOptions & { at?: string }>();
      const query = { agentId, deviceId, at: options.at };
      const answer = await withSource(options, (source) => source.get("/v1/permissions/explain", query));
      await show(answer, options, (body) => {
        const { at, allowed, chain } = body;
        const rows = columns(chain as readonly Body[], ["seq", "time", "what", "cause", "actor", "reason"]);
        const verdict = `after event ${at}, agent ${agentId} ${allowed === true ? "may" : "may not"} use device ${deviceId}`;
        return `${verdict}\n${table(["seq", "time", "what", "cause", "actor", "reason"], rows)}`;
      });
    });
}

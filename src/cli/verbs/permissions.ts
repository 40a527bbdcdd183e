import type { Command } from "commander";
import { isProblem } from "#base/problem.ts";
import {
  client,
  type ReadingOptions,
  reading,
  type WritingOptions,
  whole,
  withSource,
  writing,
} from "../options.ts";
import { table } from "../output.ts";
import { columns, itemsOf, show, wholeList } from "../show.ts";
import { managementText, refusedByFirmware } from "./agent.ts";

export function addPermissions(program: Command): void {
  const permissions = program.command("permissions").description("who may use which device");
  reading(permissions.command("list", { isDefault: true }))
    .description("the matrix of agents and devices, now or at a moment; denied pairs only where asked for")
    .option("--at <moment>", "a seq, or an ISO time, inclusive")
    .option("--all", "denied pairs too")
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<ReadingOptions & { at?: string; all?: boolean }>();
      const { at, all } = options;
      const answer = await withSource(options, (source) => wholeList(source, "/v1/permissions", { at }));
      await show(answer, options, (body) => {
        const items = itemsOf(body).filter(({ allowed }) => allowed === true || all === true);
        const heads = ["agent", "device", "allowed", "since", "time"];
        const rows = columns(items, ["agentId", "deviceId", "allowed", "sinceSeq", "sinceTime"]);
        return `after event ${body["at"]}\n${table(heads, rows)}`;
      });
    });
  reading(permissions.command("diff"))
    .description("the permissions that differ between two moments, and the events that changed them")
    .requiredOption("--from <moment>", "a seq, or an ISO time, inclusive")
    .requiredOption("--to <moment>", "a seq, or an ISO time, inclusive")
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<ReadingOptions & { from: string; to: string }>();
      const { from, to } = options;
      const answer = await withSource(options, (source) => source.get("/v1/permissions/diff", { from, to }));
      await show(answer, options, (body) => {
        const items = itemsOf(body);
        const head = `after event ${body["from"]} and after event ${body["to"]}`;
        if (items.length === 0) return `${head}: the same`;
        const heads = ["agent", "device", "before", "after", "changed by"];
        return `${head}\n${table(heads, columns(items, ["agentId", "deviceId", "before", "after", "changes"]))}`;
      });
    });
  writing(permissions.command("set"))
    .description("send BASE_SET_DEVICE_PERMISSIONS on Xen's channel")
    .argument("<agentId>", "SCMI agent id", whole)
    .argument("<deviceId>", "SCMI device id", whole)
    .argument("<allow|deny>", "what the agent shall be")
    .action(async (agentId: number, deviceId: number, word: string, _: unknown, command: Command) => {
      if (word !== "allow" && word !== "deny") command.error(`error: '${word}' is neither allow nor deny`);
      const options = command.optsWithGlobals<WritingOptions>();
      const { reason, idempotencyKey } = options;
      const path = `/v1/agents/${agentId}/devices/${deviceId}`;
      const body = { allowed: word === "allow", reason };
      const answer = await client(options).send("PUT", path, body, idempotencyKey);
      await show(answer, options, managementText);
      if (!isProblem(answer)) refusedByFirmware(answer);
    });
}

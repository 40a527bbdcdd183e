import type { Command } from "commander";
import type { Body, Query } from "../client.ts";
import { type ReadingOptions, reading, withSource } from "../options.ts";
import { table } from "../output.ts";
import { columns, itemsOf, show, wholeList } from "../show.ts";

interface QuestionOptions extends ReadingOptions {
  readonly agent?: string;
  readonly device?: string;
  readonly domain?: string;
  readonly at?: string;
  readonly from?: string;
  readonly to?: string;
  readonly open?: boolean;
}

/** The questions of an audit. Moments are seqs or times, subjects ids or names, in all of them. */
export function addQuestions(program: Command): void {
  reading(program.command("who"))
    .description("who could use a device, now or at a moment, and how that came about")
    .requiredOption("--device <device>", "SCMI device, by id or name")
    .option("--at <moment>", "a seq, or an ISO time, inclusive")
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<QuestionOptions>();
      const { device, at } = options;
      const answer = await withSource(options, (source) => source.get("/v1/audit/who", { device, at }));
      await show(answer, options, whoText);
    });

  about(reading(program.command("use")))
    .description("each permission with its first and last use, and how often it was used or denied")
    .option("--at <moment>", "a seq, or an ISO time, inclusive")
    .action(async (_: unknown, command: Command) => {
      await list(command, "/v1/audit/use", ({ at }) => ({ at }), useText);
    });

  about(reading(program.command("exposure")))
    .description("when the firmware allowed what it should not have")
    .option("--at <moment>", "as it was known then: a seq, or an ISO time, inclusive")
    .option("--open", "only what lasts")
    .action(async (_: unknown, command: Command) => {
      const query = ({ at, open }: QuestionOptions) => ({ at, open: open === true ? "true" : undefined });
      await list(command, "/v1/audit/exposure", query, exposureText);
    });

  about(reading(program.command("denied")))
    .description("messages that the firmware answered DENIED")
    .option("--from <moment>", "a seq, or an ISO time, inclusive")
    .option("--to <moment>", "a seq, or an ISO time, inclusive")
    .action(async (_: unknown, command: Command) => {
      await list(command, "/v1/audit/denials", ({ from, to }) => ({ from, to }), deniedText);
    });
}

function about(command: Command): Command {
  return command
    .option("--agent <agent>", "of this agent: id or name")
    .option("--device <device>", "for this SCMI device: id or name")
    .option("--domain <domain>", "of the agent that this domain held: domid, name or uuid");
}

async function list(
  command: Command,
  path: string,
  queryOf: (options: QuestionOptions) => Query,
  text: (body: Body) => string,
): Promise<void> {
  const options = command.optsWithGlobals<QuestionOptions>();
  const { agent, device, domain } = options;
  const query = { agent, device, domain, ...queryOf(options) };
  await show(await withSource(options, (source) => wholeList(source, path, query)), options, text);
}

function whoText(body: Body): string {
  const items = itemsOf(body);
  const when = body["time"] === null ? "" : ` (${body["time"]})`;
  const head = `device ${body["deviceId"]} after event ${body["at"]}${when}`;
  if (items.length === 0) return `${head}: nobody`;
  const heads = ["agent", "name", "domid", "domain", "since", "time", "cause", "actor", "reason"];
  const rows = items.map((item) => [
    item["agentId"],
    item["agentName"],
    item["domid"],
    item["domainName"],
    item["sinceSeq"],
    item["sinceTime"],
    item["isDefault"] === true ? "board's default" : item["cause"],
    item["actor"],
    item["reason"],
  ]);
  return `${head}\n${table(heads, rows)}`;
}

function useText(body: Body): string {
  const heads = ["agent", "device", "allowed", "uses", "first use", "last use", "denied", "last denial"];
  const rows = itemsOf(body).map((item) => [
    item["agentId"],
    item["deviceId"],
    item["allowed"],
    item["uses"] === 0 ? "never used" : item["uses"],
    moment(item["firstUse"], item["firstUseTime"]),
    moment(item["lastUse"], item["lastUseTime"]),
    item["denials"],
    moment(item["lastDenial"], item["lastDenialTime"]),
  ]);
  return `after event ${body["at"]}\n${table(heads, rows)}`;
}

function moment(seq: unknown, time: unknown): string | null {
  return seq === null ? null : `${seq} ${time}`;
}

function exposureText(body: Body): string {
  const items = itemsOf(body);
  if (items.length === 0) return `up to event ${body["at"]}: none`;
  const heads = ["agent", "device", "from", "time", "to", "time", "domid", "cause"];
  const fields = ["agentId", "deviceId", "fromSeq", "fromTime", "toSeq", "toTime", "domid", "cause"];
  return `up to event ${body["at"]}\n${table(heads, columns(items, fields))}`;
}

function deniedText(body: Body): string {
  const items = itemsOf(body);
  if (items.length === 0) return `up to event ${body["at"]}: none`;
  const heads = ["seq", "time", "agent", "domid", "protocol", "message", "resource", "device"];
  const fields = ["seq", "time", "agentId", "domid", "protocol", "message", "resource", "deviceId"];
  return table(heads, columns(items, fields));
}

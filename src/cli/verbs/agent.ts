import type { Command } from "commander";
import { isProblem } from "#base/problem.ts";
import type { AgentHoldings, ResourceView } from "#machine/views/agent.ts";
import type { Body } from "../client.ts";
import {
  client,
  type ReadingOptions,
  reading,
  type WritingOptions,
  whole,
  withSource,
  writing,
} from "../options.ts";
import { EXIT, facts, table } from "../output.ts";
import { itemsOf, show, wholeList } from "../show.ts";
import { sentText } from "./domain.ts";

export function addAgent(program: Command): void {
  const agent = program.command("agent").description("SCMI agents: the firmware's callers");
  reading(agent.command("list", { isDefault: true }))
    .description("every agent that the firmware knows, who holds it and how its channel fares")
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<ReadingOptions>();
      const answer = await withSource(options, (source) => wholeList(source, "/v1/agents"));
      await show(answer, options, (body) =>
        table(
          ["id", "name", "funcId", "shmem", "role", "domid", "channel"],
          itemsOf(body).map((item) => [
            item["id"],
            item["name"],
            item["funcId"],
            item["shmem"],
            item["role"],
            item["domid"],
            channelText(item),
          ]),
        ),
      );
    });
  reading(agent.command("show"))
    .description("one agent")
    .argument("<agentId>", "SCMI agent id", whole)
    .action(async (agentId: number, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<ReadingOptions>();
      const answer = await withSource(options, (source) => source.get(`/v1/agents/${agentId}`));
      await show(answer, options, (item) =>
        facts([
          ["id", item["id"]],
          ["name", item["name"]],
          ["function id", item["funcId"]],
          ["shared memory", item["shmem"]],
          ["role", item["role"]],
          ["domain", item["domid"]],
          ["channel", channelText(item)],
          ...keptText(item),
        ]),
      );
    });
  writing(agent.command("reset"))
    .description("send BASE_RESET_AGENT_CONFIGURATION on Xen's channel")
    .argument("<agentId>", "SCMI agent id", whole)
    .option("--keep-permissions", "leave the agent's permissions as they are")
    .action(async (agentId: number, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<WritingOptions & { keepPermissions?: boolean }>();
      const { reason, idempotencyKey, keepPermissions } = options;
      const body = { permissions: keepPermissions !== true, reason };
      const answer = await client(options).send("POST", `/v1/agents/${agentId}/reset`, body, idempotencyKey);
      await show(answer, options, managementText);
      if (!isProblem(answer)) refusedByFirmware(answer);
    });
}

/** What the firmware keeps for an agent; what it keeps nothing of is left out. */
function keptText(agent: Body): [name: string, text: unknown][] {
  const { p2a, subscriptions, pending, holds } = agent as unknown as AgentHoldings;
  const page = p2a as Body | null;
  const waiting = ((page?.["waiting"] ?? []) as readonly Body[]).map(sentText);
  const lines: [string, readonly string[]][] = [
    [
      "told of",
      subscriptions.map(
        ({ command, resource }) => `${command}${resource === null ? "" : ` ${resourceText(resource)}`}`,
      ),
    ],
    ["pending", pending.map(({ message, sinceSeq }) => `${message} since ${sinceSeq}`)],
    ...Object.entries(holds).map(([kind, resources]): [string, readonly string[]] => [
      `holds ${kind}`,
      resources.map(resourceText),
    ]),
  ];
  const message = page?.["message"] ?? null;
  return [
    ...(page === null
      ? []
      : [
          ["p2a page", page["page"]] as [string, unknown],
          ["in the page", message === null ? "nothing, it is FREE" : sentText(message as Body)] as [
            string,
            unknown,
          ],
        ]),
    ...(waiting.length === 0 ? [] : [["waiting", waiting.join("; ")] as [string, unknown]]),
    ...lines.filter(([, texts]) => texts.length > 0),
  ];
}

function resourceText({ id, name }: ResourceView): string {
  return name === null ? String(id) : `${id} ${JSON.stringify(name)}`;
}

function channelText(agent: Body): string {
  const { state, sinceSeq } = agent["channel"] as { state: string; sinceSeq: number | null };
  return sinceSeq === null ? state : `${state} since ${sinceSeq}`;
}

/** What a message on Xen's own channel came to, as a person reads it. */
export function managementText({ status, errno, seq }: Body): string {
  const what = status === null ? "no answer was read" : String(status);
  return `${what}${errno === null ? "" : ` (${errno})`}, event ${seq}`;
}

/** A message that the firmware refused was refused, whatever HTTP says. */
export function refusedByFirmware({ errno }: Body): void {
  if (errno !== null) process.exitCode = EXIT.refused;
}

import type { Command } from "commander";
import { hostText } from "../host-text.ts";
import {
  client,
  type ReadingOptions,
  reading,
  type WritingOptions,
  whole,
  withSource,
  writing,
} from "../options.ts";
import { show } from "../show.ts";

export function addHost(program: Command): void {
  const host = program
    .command("host")
    .description("the machine: its mediator, its state, what is wrong with it");
  reading(host.command("show", { isDefault: true }))
    .description("name, epoch, probe result, findings, head of the log and digest of the state")
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<ReadingOptions>();
      const answer = await withSource(options, (source) => source.get("/v1/host"));
      await show(answer, options, hostText);
    });
  writing(host.command("reboot"))
    .description("reboot the host: every domain ends, the firmware starts anew, Xen probes again")
    .option("--cause <cause>", "cold, reboot or crash")
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<WritingOptions & { cause?: string }>();
      const { cause, reason, idempotencyKey } = options;
      const answer = await client(options).send("POST", "/v1/host/reboot", { cause, reason }, idempotencyKey);
      await show(
        answer,
        options,
        ({ epoch, firstSeq, lastSeq }) => `epoch ${epoch}: events ${firstSeq} to ${lastSeq}`,
      );
    });
  writing(host.command("complete"))
    .description("let the firmware finish the oldest asynchronous command")
    .option("--agent <id>", "of this agent's", whole)
    .option("--protocol <protocol>", "of this protocol")
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<WritingOptions & { agent?: number; protocol?: string }>();
      const { agent, protocol, reason, idempotencyKey } = options;
      const body = { agentId: agent, protocol, reason };
      const answer = await client(options).send("POST", "/v1/host/firmware/complete", body, idempotencyKey);
      await show(
        answer,
        options,
        ({ agentId, protocol, message, status, seq }) =>
          `${protocol} ${message} of agent ${agentId}: ${status}, event ${seq}`,
      );
    });
}

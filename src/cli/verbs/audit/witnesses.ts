import type { Command } from "commander";
import type { Body } from "../../client.ts";
import { type CommonOptions, client } from "../../options.ts";
import { facts, table } from "../../output.ts";
import { itemsOf, show } from "../../show.ts";

export function addWitnesses(audit: Command): void {
  audit
    .command("witnesses")
    .description("how far each witness of a server has cosigned its log")
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<CommonOptions>();
      await show(await client(options).get("/v1/audit/witnesses"), options, witnessesText);
    });
}

function witnessesText(body: Body): string {
  const items = itemsOf(body);
  if (items.length === 0) return "no witness is asked: serve --witness URL=VKEY names one";
  const rows = items.map(({ name, state, cosignedSize, cosignedTime, failures, fault }) => [
    name,
    state,
    cosignedSize,
    cosignedTime,
    failures,
    fault,
  ]);
  const heads = ["witness", "state", "cosigned", "time", "failures", "fault"];
  return `${facts([["signed", `${body["size"]} events`]])}\n${table(heads, rows)}`;
}

import type { Command } from "commander";
import { isProblem } from "#base/problem.ts";
import { client, type WritingOptions, writing } from "../options.ts";
import { EXIT, facts } from "../output.ts";
import { show } from "../show.ts";
import { domainPath } from "./domain.ts";

export function addSmc(program: Command): void {
  writing(program.command("smc"))
    .description("a guest's SMC, register by register")
    .argument("<domain>", "domid, or the domain's name or uuid")
    .argument("<x...>", "x0, x1, … up to x7, hex (0x…) or decimal; the rest are 0")
    .option("--shmem <hex>", "written into the guest's page from offset 0 first")
    .action(async (ref: string, x: string[], _: unknown, command: Command) => {
      const options = command.optsWithGlobals<WritingOptions & { shmem?: string }>();
      const { shmem, reason, idempotencyKey } = options;
      const body = { x: x.map(register), shmem, reason };
      const answer = await client(options).send("POST", `${domainPath(ref)}/smc`, body, idempotencyKey);
      await show(answer, options, ({ handled, x, shmem, seq }) =>
        facts([
          ["handled", handled === true ? "yes" : "no: nobody knows this call"],
          ["x0..x3", (x as readonly string[]).join(" ")],
          ["page", shmem],
          ["event", seq],
        ]),
      );
      if (!isProblem(answer) && answer["handled"] === false) process.exitCode = EXIT.refused;
    });
}

/** Decimal too: what is neither is left for the server to refuse. */
function register(text: string): string {
  return /^\d+$/.test(text) ? `0x${BigInt(text).toString(16)}` : text;
}

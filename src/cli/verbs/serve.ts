import { type Command, InvalidArgumentError, Option } from "commander";
import type { LogLevel } from "#api/server.ts";
import { parseWitnessAddress, type WitnessAddress } from "#audit/witnesses/address.ts";
import { isProblem } from "#base/problem.ts";
import { DEFAULT_ADDRESS, whole } from "../options.ts";
import type { ServeOptions } from "../serving/server-access.ts";

const LOG_LEVELS = ["silent", "error", "warn", "info", "debug"] as const satisfies readonly LogLevel[];

export function addServe(program: Command): void {
  program
    .command("serve")
    .description("boot a board, or go on with its log, and serve it over REST")
    .option("--board <file>", "the board file; left out, the log says what the host is")
    .option("--db <file>", "the log; made where there is none (default: ./var/<board name>.db)")
    .option("--port <n>", "TCP port, 0 for any that is free", portNumber, DEFAULT_ADDRESS.port)
    .option(
      "--host <address>",
      "address to listen on; one that other machines reach needs tokens",
      DEFAULT_ADDRESS.host,
    )
    .option("--tokens <file>", "who may call (default: LOG.tokens); scmictl token create makes tokens")
    .option("--tls-key <file>", "private key to serve HTTPS with, PEM")
    .option("--tls-cert <file>", "its certificate, with the chain behind it, PEM")
    .option("--witness <url=vkey>", "a witness that is to cosign the log's checkpoints; repeatable", witness)
    .option("--require-reason", "take no write that does not say why")
    .option("--new-board", "take a changed board: record it, and boot it")
    .option("--new-audit-key", "go on under a new audit key where the log's own is lost")
    .option("--check-invariants", "check the machine's invariants after every command")
    .addOption(
      new Option("--log-level <level>", "what is told on standard error").choices(LOG_LEVELS).default("warn"),
    )
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<ServeOptions>();
      if (options.board === undefined && options.db === undefined) {
        command.error("error: give --board FILE, or --db FILE of a log that exists");
      }
      if ((options.tlsKey === undefined) !== (options.tlsCert === undefined)) {
        command.error("error: --tls-key and --tls-cert go together");
      }
      // Loaded only here: what a server needs would slow every other verb down.
      const { serve } = await import("../serving/serving.ts");
      await serve(options);
    });
}

function witness(text: string, before: readonly WitnessAddress[] = []): readonly WitnessAddress[] {
  const address = parseWitnessAddress(text);
  if (isProblem(address)) throw new InvalidArgumentError(`${address.detail}.`);
  return [...before, address];
}

/** The number of a TCP port, of an option. */
export function portNumber(text: string): number {
  const port = whole(text);
  if (port > 0xffff) throw new InvalidArgumentError("A port is at most 65535.");
  return port;
}

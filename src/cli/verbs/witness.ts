import { type Command, InvalidArgumentError } from "commander";
import { isKeyName, parseVerifierKey, type VerifierKey } from "#audit/note/keys.ts";
import { isProblem } from "#base/problem.ts";
import { DEFAULT_ADDRESS } from "../options.ts";
import type { WitnessServeOptions } from "../serving/witnessing.ts";
import { portNumber } from "./serve.ts";

export function addWitness(program: Command): void {
  program
    .command("witness")
    .description("cosign the checkpoints of other machines' logs")
    .command("serve")
    .description("serve a witness: it cosigns a log's checkpoint where it goes on from the one before")
    .requiredOption("--state <file>", "what it has seen; made where there is none")
    .option("--key <file>", "its private key (default: STATE.key); made with the state")
    .option("--name <name>", "name of a key that is made, such as witness.example.com/w1", keyName)
    .option("--log <vkey>", "verifier key of a log that it cosigns; repeatable", logKey)
    .option("--port <n>", "TCP port, 0 for any that is free", portNumber, DEFAULT_ADDRESS.port + 1)
    .option("--host <address>", "address to listen on", DEFAULT_ADDRESS.host)
    .option("--tls-key <file>", "private key to serve HTTPS with, PEM")
    .option("--tls-cert <file>", "its certificate, with the chain behind it, PEM")
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<WitnessServeOptions>();
      if ((options.tlsKey === undefined) !== (options.tlsCert === undefined)) {
        command.error("error: --tls-key and --tls-cert go together");
      }
      const { witnessServe } = await import("../serving/witnessing.ts");
      await witnessServe(options);
    });
}

function keyName(text: string): string {
  if (!isKeyName(text))
    throw new InvalidArgumentError("A key's name has no spaces, no plus and no control characters.");
  return text;
}

function logKey(text: string, before: readonly VerifierKey[] = []): readonly VerifierKey[] {
  const key = parseVerifierKey(text);
  if (isProblem(key)) throw new InvalidArgumentError(`${key.detail}.`);
  if (key.type !== "note") throw new InvalidArgumentError("It is the key of a witness, not of a log.");
  return [...before, key];
}

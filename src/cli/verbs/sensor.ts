import type { Command } from "commander";
import { InvalidArgumentError } from "commander";
import type { Body } from "../client.ts";
import { client, type WritingOptions, whole, writing } from "../options.ts";
import { facts } from "../output.ts";
import { show } from "../show.ts";
import { sentText } from "./domain.ts";

export function addSensor(program: Command): void {
  const sensor = program.command("sensor").description("sensors of the board: what they read");
  writing(sensor.command("set"))
    .description("let a sensor read something else: agents that asked for it are notified")
    .argument("<sensorId>", "sensor id", whole)
    .argument("<reading...>", "in the sensor's own unit; one for each axis", readings)
    .action(async (sensorId: number, given: number[], _: unknown, command: Command) => {
      const options = command.optsWithGlobals<WritingOptions>();
      const { reason, idempotencyKey } = options;
      const body = { readings: given, reason };
      const answer = await client(options).send("PUT", `/v1/sensors/${sensorId}`, body, idempotencyKey);
      await show(answer, options, ({ readings, sent, seq }) =>
        facts([
          ["reads", readings],
          [
            "told",
            (sent as readonly Body[]).map(
              (one) => `agent ${one["agentId"]} (${one["outcome"]}): ${sentText(one)}`,
            ),
          ],
          ["event", seq],
        ]),
      );
    });
}

function readings(text: string, before: readonly number[] = []): readonly number[] {
  if (!/^-?\d{1,15}$/.test(text)) throw new InvalidArgumentError("It is no whole number.");
  return [...before, Number(text)];
}

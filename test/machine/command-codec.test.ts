import { beforeAll, expect, test } from "vitest";
import type { HostDescription } from "#config/board/board.ts";
import { commandInput, isCommandKind, recordedCommand } from "#machine/commands/codec.ts";
import { Machine } from "#machine/machine.ts";
import { sha256 } from "#replay/hash.ts";
import { Random } from "../support/random.ts";
import { randomCommand } from "../support/random-commands.ts";
import { twoGuests } from "../support/two-guests.ts";

let host: HostDescription;
beforeAll(async () => {
  host = await twoGuests();
});

test("what the log keeps of a command gives the command back, as far as it matters", () => {
  const random = new Random(11);
  const machine = new Machine(sha256);
  machine.execute({ kind: "host.configure", description: host }, { commandId: 1, timeUs: 1 });
  for (let i = 0; i < 500; i += 1) {
    const command = randomCommand(random, machine.state, [host]);
    const { events } = machine.execute(command, { commandId: 2 + i, timeUs: 2 + i });
    machine.settle();
    if (events.length === 0) continue;
    const input = commandInput(command);
    const recorded = recordedCommand(command.kind, input, events);
    expect(isCommandKind(command.kind)).toBe(true);
    // An SMC's input is in its event, where what could not matter is gone: the page of a guest that has none.
    if (command.kind === "smc" || command.kind === "host.configure") expect(input).toBeNull();
    else expect(recorded).toEqual(JSON.parse(JSON.stringify(command)));
    expect(recorded && commandInput(recorded)).toBe(input);
  }
});

test.each<[string, string | null]>([
  ["domain.destroy", null],
  ["domain.destroy", ""],
  ["domain.destroy", "null"],
  ["domain.destroy", "[]"],
  ["domain.destroy", "{}"],
  ["domain.destroy", '{"domain":{}}'],
  ["domain.destroy", '{"domain":1,"more":2}'],
  ["domain.shutdown", '{"domain":1,"reason":"boredom"}'],
  ["domain.create", '{"request":{}}'],
  ["domain.create", '{"request":{"xlcfg":"","name":"red"}}'],
  ["scmi", '{"domain":1,"call":{"protocol":"clock"}}'],
  ["host.reboot", '{"cause":"fun"}'],
  ["toString", "{}"],
  ["smc", null],
  ["host.configure", null],
])("no command: %s of %s", (kind, input) => {
  expect(recordedCommand(kind, input, [])).toBeNull();
});

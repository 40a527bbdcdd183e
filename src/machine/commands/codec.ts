import { canonicalJson, type Json } from "#base/canonical-json.ts";
import type { MachineEvent } from "#events/types.ts";
import { ruleVersionOr } from "../rule-version.ts";
import type { Command } from "./commands.ts";
import { COMMAND_KINDS, commandOfInput } from "./recorded-inputs.ts";

/**
 * The input of a command as its row in the log keeps it: canonical JSON. Null where the events hold all of it: an SMC's registers
 * and page bytes, and the board and device tree that configured the host.
 */
export function commandInput(command: Command): string | null {
  if (command.kind === "smc" || command.kind === "host.configure") return null;
  const { kind: _, ...input } = command;
  return canonicalJson(input as unknown as Json);
}

/**
 * The command that a row of the log and its events tell of; null where they tell of none.
 *
 * @param events the command's events, at least one
 */
export function recordedCommand(
  kind: string,
  input: string | null,
  events: readonly MachineEvent[],
): Command | null {
  if (kind === "smc") return recordedSmc(events[0]);
  if (kind === "host.configure") return recordedConfigure(events);
  return input === null ? null : commandOfInput(kind, input);
}

/** Whether a row's kind is one that this program knows. */
export function isCommandKind(kind: string): boolean {
  return COMMAND_KINDS.has(kind);
}

function recordedSmc(event: MachineEvent | undefined): Command | null {
  if (event?.type !== "smc.forwarded" && event?.type !== "smc.refused") return null;
  const { x, writes } = event.data;
  if (event.domid === null) return null;
  return { kind: "smc", domain: event.domid, x, shmem: writes[0]?.bytes ?? null };
}

function recordedConfigure(events: readonly MachineEvent[]): Command | null {
  const configured = events.find((event) => event.type === "host.configured");
  if (configured?.type !== "host.configured") return null;
  const { board, deviceTree, autostart, partialTrees, ruleVersion } = configured.data;
  const trees = partialTrees === undefined ? {} : { partialTrees };
  const description = { board, deviceTree, autostart, ...trees };
  return { kind: "host.configure", description, ruleVersion: ruleVersionOr(ruleVersion) };
}

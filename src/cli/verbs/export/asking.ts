import type { Command } from "commander";
import { fromHex, toHex } from "#base/hex.ts";
import { isProblem, type Problem } from "#base/problem.ts";
import type { ExportedFile, GuestRef } from "#config/export/exports.ts";
import type { ExportView } from "#config/export/view.ts";
import type { Query } from "../../client.ts";
import { type ReadingOptions, reading, several, whole, withSource } from "../../options.ts";
import { printJson, refuse } from "../../output.ts";
import { type OutOptions, putFile, putText, wantsFlattened, withOut } from "./out.ts";

/** Options of exports that are made of a machine. */
export interface MachineOptions extends ReadingOptions, OutOptions {
  readonly board?: string;
  readonly xlcfg?: readonly string[];
}

/** Lets an export be made of a server, a log, or a board that is booted for it. */
export function ofMachine(command: Command): Command {
  return withOut(reading(command))
    .option("--board <file>", "boot this board in memory, instead of asking a server")
    .option("--xlcfg <file>", "with --board: create this guest there; may be repeated", several);
}

/** Options that name a guest. */
export interface GuestOptions extends MachineOptions {
  readonly domid?: string;
  readonly agent?: number;
}

/** Lets an export be of a live domain, or of a guest that could hold an agent. */
export function ofGuest(command: Command): Command {
  return ofMachine(command)
    .option("--domid <domain>", "the domain: domid, name or uuid; with --xlcfg, the last of them if left out")
    .option("--agent <id>", "instead of a domain: a guest that would hold this agent", whole);
}

/** How an export is made: what a server or a log is asked, and what answers where the machine is in this process. */
interface Asking {
  readonly path: string;
  readonly query?: Query;
  readonly local: (view: ExportView) => ExportedFile | Problem;
}

/** As {@link Asking}, of a guest: the path is what follows the guest's own. */
interface GuestAsking extends Omit<Asking, "local"> {
  readonly local: (view: ExportView, ref: GuestRef) => ExportedFile | Problem;
}

/** A file that was exported, as JSON has it. */
type Answer = Omit<ExportedFile, "dtb"> & { readonly dtb: string | null };

/** Makes an export and puts it where it was asked for. */
export async function putExport(options: MachineOptions, asking: Asking, command: Command): Promise<void> {
  const machine = await localMachine(options, command);
  if (isProblem(machine)) refuse(machine);
  else
    await put(options, machine === null ? await asked(options, asking) : asJson(asking.local(machine.view)));
}

/** As {@link putExport}, of the guest that the options name. */
export async function putGuestExport(
  options: GuestOptions,
  { path, query, local }: GuestAsking,
  command: Command,
): Promise<void> {
  const machine = await localMachine(options, command);
  if (isProblem(machine)) {
    refuse(machine);
    return;
  }
  const ref = guestRef(options, machine?.lastDomid ?? null);
  if (ref === null) command.error("error: give --domid DOMAIN, or --agent ID");
  if (machine !== null) {
    await put(options, asJson(local(machine.view, ref)));
    return;
  }
  const guest =
    "agentId" in ref ? `/v1/agents/${ref.agentId}` : `/v1/domains/${encodeURIComponent(ref.domain)}`;
  await put(
    options,
    await asked(options, { path: `${guest}${path}`, ...(query === undefined ? {} : { query }) }),
  );
}

function guestRef({ domid, agent }: GuestOptions, lastDomid: number | null): GuestRef | null {
  if (agent !== undefined) return { agentId: agent };
  if (domid !== undefined) return { domain: /^\d{1,15}$/.test(domid) ? Number(domid) : domid };
  return lastDomid === null ? null : { domain: lastDomid };
}

/** The machine that is booted for an export, or null: a server or a log is asked. */
async function localMachine({ board, xlcfg, db }: MachineOptions, command: Command) {
  if (board === undefined) {
    if (xlcfg !== undefined) command.error("error: --xlcfg is a guest of a board: give --board too");
    return null;
  }
  if (db !== undefined) command.error("error: give --board or --db, not both");
  const { bootBoard } = await import("../../booted-board.ts");
  return bootBoard(board, xlcfg ?? []);
}

async function asked(
  options: MachineOptions,
  { path, query }: Omit<Asking, "local">,
): Promise<Answer | Problem> {
  return (await withSource(options, (source) => source.get(path, query))) as Answer | Problem;
}

function asJson(file: ExportedFile | Problem): Answer | Problem {
  return isProblem(file) ? file : { ...file, dtb: file.dtb === null ? null : toHex(file.dtb) };
}

async function put(options: MachineOptions, answer: Answer | Problem): Promise<void> {
  if (isProblem(answer)) refuse(answer);
  else if (answer.dtb !== null && wantsFlattened(options)) {
    await putFile(options.out as string, fromHex(answer.dtb) as Uint8Array);
  } else if (options.json === true && options.out === undefined) await printJson(answer);
  else await putText(answer.text, options);
}

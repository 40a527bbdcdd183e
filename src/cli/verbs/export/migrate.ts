import { mkdir } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import type { Command } from "commander";
import { hexWord } from "#base/hex.ts";
import { isProblem, type Problem } from "#base/problem.ts";
import type { Migration } from "#config/migrate/migrate.ts";
import { note, printJson, refuse, write } from "../../output.ts";
import { putFile } from "./out.ts";

interface MigrateOptions {
  readonly dts: string;
  readonly base?: string;
  readonly cmdline?: string;
  readonly out?: string;
  readonly json?: boolean;
}

export function addMigrate(exporting: Command): void {
  exporting
    .command("migrate")
    .description("rewrite a host device tree of any generation of the SCI binding to the newest")
    .requiredOption("--dts <file>", "the tree: .dts, .dtb, or an overlay with --base")
    .option("--base <file>", "the tree that the overlay of --dts is for")
    .option("--cmdline <text>", "Xen's command line, where the tree does not have it")
    .option(
      "--out <dir>",
      "write overlay and whole tree there, as source and flattened; else the overlay is printed",
    )
    .action(async (_: unknown, command: Command) => {
      const fault = await migrate(command.optsWithGlobals<MigrateOptions>());
      if (fault !== null) refuse(fault);
    });
}

async function migrate({ dts, base, cmdline, out, json }: MigrateOptions): Promise<Problem | null> {
  const { loadOverlaid } = await import("#inputs/load-overlaid.ts");
  const { migrateBinding } = await import("#config/migrate/migrate.ts");
  const { migrationFiles, migrationOverlay } = await import("#config/migrate/files.ts");
  const loaded = await loadOverlaid(dts, base ?? null);
  if (isProblem(loaded)) return loaded;
  const migration = migrateBinding(loaded.tree, { cmdline: cmdline ?? null });
  if (isProblem(migration)) return migration;
  const { memoryReservations } = await import("#config/tree-writer/reservations.ts");
  migration.whole.reservations.push(...memoryReservations(loaded.bytes));
  const of = base === undefined ? basename(dts) : `${basename(base)} with ${basename(dts)}`;
  if (json === true) await printJson(summary(migration));
  else tell(migration);
  if (out === undefined) {
    const overlay = migrationOverlay(migration, of);
    if (isProblem(overlay)) return overlay;
    if (json !== true) await write(overlay);
    return null;
  }
  const files = migrationFiles(migration, of, basename(dts, extname(dts)));
  if (isProblem(files)) return files;
  // Where it cannot be made, writing into it says why.
  await mkdir(out, { recursive: true }).catch(() => undefined);
  for (const { name, content } of files) await putFile(join(out, name), content);
  return null;
}

function summary({ from, agents, changes, notes }: Migration) {
  const rows = agents.map((agent) => ({
    ...agent,
    funcId: hexWord(agent.funcId),
    shmem: hexWord(agent.shmem),
  }));
  return { from, agents: rows, changes, notes };
}

function tell(migration: Migration): void {
  const { from, agents, changes, notes } = summary(migration);
  note(`binding: ${from}, now v8+`);
  for (const { agentId, funcId, shmem, holder } of agents) {
    note(`agent ${agentId ?? "?"}: function id ${funcId}, page ${shmem}, ${holder ?? "free"}`);
  }
  for (const change of changes) note(`- ${change}`);
  for (const said of notes) note(`note: ${said}`);
}

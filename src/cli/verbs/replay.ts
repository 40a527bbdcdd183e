import type { Command } from "commander";
import { isProblem, type Problem } from "#base/problem.ts";
import type { DivergenceCause } from "#replay/cause/likely-cause.ts";
import type { Body } from "../client.ts";
import { client, type ReadingOptions, reading, whole } from "../options.ts";
import { EXIT, facts, note, table } from "../output.ts";
import { columns, show } from "../show.ts";

interface ReplayOptions extends ReadingOptions {
  readonly from?: number;
  readonly to?: number;
}

export function addReplay(program: Command): void {
  reading(program.command("replay"))
    .description("verify the log: decide every command again, and compare with what was recorded")
    .argument("[pack]", "a file that scmictl pack wrote; as --db")
    .option("--from <seq>", "first event to verify", whole)
    .option("--to <seq>", "last event to verify", whole)
    .action(async (pack: string | undefined, _: unknown, command: Command) => {
      const given = command.optsWithGlobals<ReplayOptions>();
      if (pack !== undefined && given.db !== undefined) {
        command.error(`error: give ${pack} or --db ${given.db}, not both`, { exitCode: EXIT.usage });
      }
      const options = pack === undefined ? given : { ...given, db: pack };
      const answer =
        options.db === undefined ? await replayServer(options) : await replayLog(options.db, options);
      await show(answer, options, reportText);
      if (!isProblem(answer) && !isSame(answer)) process.exitCode = EXIT.refused;
    });
}

async function replayLog(file: string, { from, to }: ReplayOptions): Promise<Body | Problem> {
  const { replayFile } = await import("../replaying/replaying.ts");
  return replayFile(file, from, to);
}

function replayServer(options: ReplayOptions): Promise<Body | Problem> {
  const { from, to } = options;
  return client(options).send("POST", "/v1/replay", { from, to }, undefined);
}

function isSame({ divergences, stateHash, liveStateHash }: Body): boolean {
  return (divergences as readonly Body[]).length === 0 && stateHash === liveStateHash;
}

function reportText(report: Body): string {
  const { events, divergences, stateHash, liveStateHash, durationMs } = report;
  const told = `${events} events replayed in ${durationMs} ms`;
  if (isSame(report)) return `${told}: no divergence\nstate hash: ${stateHash}`;
  const found = divergences as readonly Body[];
  if (found.length === 0) return `${told}: the state hash is ${stateHash}, recorded is ${liveStateHash}`;
  note(`scmictl: the log diverges, first at event ${found[0]?.["seq"]}`);
  const differing = table(
    ["seq", "path", "recorded", "replayed"],
    columns(found, ["seq", "path", "recorded", "replayed"]),
  );
  return [told, differing, ...causeText(report)].join("\n");
}

/** What is known of the first divergence; nothing, of a server that does not look into it yet. */
function causeText({ cause, next }: Body): string[] {
  if (typeof cause !== "object" || cause === null) return [];
  const { seq, recordedBy, replayedBy, likely } = cause as DivergenceCause;
  const text = facts([
    [
      "first at",
      `event ${seq}, recorded by ${recordedBy ?? "a program that cannot be read"}, replayed by ${replayedBy}`,
    ],
    ["likely", likely],
    ["next", next],
  ]);
  return ["", text];
}

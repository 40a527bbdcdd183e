import { Command, CommanderError } from "commander";
import { damageOf } from "#store/damage.ts";
import { DEFAULT_URL } from "./options.ts";
import { EXIT, note, refuse } from "./output.ts";
import { addAgent } from "./verbs/agent.ts";
import { addAudit } from "./verbs/audit.ts";
import { addBackup } from "./verbs/backup.ts";
import { addBench } from "./verbs/bench.ts";
import { addBisect } from "./verbs/bisect.ts";
import { addCheck } from "./verbs/check.ts";
import { addCompare } from "./verbs/compare.ts";
import { addCompletion } from "./verbs/completion.ts";
import { addDebug } from "./verbs/debug.ts";
import { addDevice } from "./verbs/device.ts";
import { addDiff } from "./verbs/diff.ts";
import { addDomain } from "./verbs/domain.ts";
import { addExplain } from "./verbs/explain.ts";
import { addExport } from "./verbs/export.ts";
import { addHistory } from "./verbs/history.ts";
import { addHost } from "./verbs/host.ts";
import { addImport } from "./verbs/import.ts";
import { addLog } from "./verbs/log.ts";
import { addPack } from "./verbs/pack.ts";
import { addPermissions } from "./verbs/permissions.ts";
import { addQuestions } from "./verbs/questions.ts";
import { addReplay } from "./verbs/replay.ts";
import { addScmi } from "./verbs/scmi.ts";
import { addSensor } from "./verbs/sensor.ts";
import { addServe } from "./verbs/serve.ts";
import { addShrink } from "./verbs/shrink.ts";
import { addSimulate } from "./verbs/simulate.ts";
import { addSmc } from "./verbs/smc.ts";
import { addState } from "./verbs/state.ts";
import { addToken } from "./verbs/token.ts";
import { addWhatIf } from "./verbs/whatif.ts";
import { addWitness } from "./verbs/witness.ts";
import { VERSION } from "./version.ts";

/** Every verb, in the order that the help lists them. */
const VERBS = [
  addServe,
  addCheck,
  addHost,
  addAgent,
  addDomain,
  addDevice,
  addSensor,
  addSmc,
  addScmi,
  addPermissions,
  addHistory,
  addExplain,
  addQuestions,
  addLog,
  addState,
  addDiff,
  addReplay,
  addPack,
  addCompare,
  addBisect,
  addDebug,
  addWhatIf,
  addShrink,
  addAudit,
  addSimulate,
  addExport,
  addImport,
  addToken,
  addWitness,
  addBackup,
  addBench,
  addCompletion,
] as const;

function scmictl(): Command {
  const program = new Command("scmictl")
    .description("The control plane for SCMI agents behind Xen's SCI mediator.")
    .version(VERSION, "--version", "print the version")
    .option("--url <url>", `the server to talk to (or SCMICTL_URL; default: ${DEFAULT_URL})`)
    .option("--json", "print JSON, for scripts")
    .configureHelp({ showGlobalOptions: true })
    .addHelpText(
      "after",
      "\nExit status: 0 done, 1 refused or diverged, 2 wrong usage. SCMICTL_TOKEN is sent as a bearer token.",
    );
  for (const add of VERBS) add(program);
  return program;
}

/** Commander throws where it would exit: for its help too. Subcommands have to be told each. */
function overrideExit(command: Command): void {
  command
    .exitOverride()
    .showHelpAfterError("(scmictl --help lists the verbs, scmictl VERB --help its options)");
  for (const verb of command.commands) overrideExit(verb);
}

/**
 * Runs scmictl. Nothing is thrown: the exit status is left in `process.exitCode`.
 *
 * @param args as typed, without the program's name
 */
export async function run(args: readonly string[]): Promise<void> {
  const program = scmictl();
  overrideExit(program);
  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage;
    else {
      const damage = damageOf(error, logOf(args));
      if (damage !== undefined) return refuse(damage);
      note(`scmictl: this is a bug of ours: ${(error as Error).message}`);
      note("hint: Please report it, with what you typed.");
      process.exitCode = EXIT.refused;
    }
  }
}

/** The log that was being read, as it was typed. */
function logOf(args: readonly string[]): string {
  const at = args.findIndex((arg) => arg === "--db" || arg.startsWith("--db="));
  if (at < 0) return "the log";
  return args[at]?.slice("--db=".length) || (args[at + 1] ?? "the log");
}

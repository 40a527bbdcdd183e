import { type Command, InvalidArgumentError } from "commander";
import type { TraceToImport } from "../../importing/traces.ts";
import { type CommonOptions, whole } from "../../options.ts";
import { refuse } from "../../output.ts";

interface ImportTraceOptions extends CommonOptions {
  readonly db: string;
  readonly agent?: readonly TraceToImport[];
}

export function addImportFtrace(importing: Command): void {
  importing
    .command("ftrace")
    .description(
      "make a log of what Linux' SCMI trace events say: a trace file, trace-cmd report, or a console",
    )
    .argument("[file...]", "traces of a kernel whose agent nobody knows")
    .option("--agent <id=file>", "the trace of this agent's kernel; may be repeated", ofAgent)
    .requiredOption("--db <file>", "the new log")
    .action(async (files: readonly string[], _: unknown, command: Command) => {
      const { db, agent = [], json } = command.optsWithGlobals<ImportTraceOptions>();
      const traces = [...agent, ...files.map((file) => ({ file, agentId: null }))];
      if (traces.length === 0) command.error("error: give a trace, or --agent ID=FILE");
      const { importFtrace } = await import("../../importing/traces.ts");
      const fault = await importFtrace(traces, db, json === true);
      if (fault !== null) refuse(fault);
    });
}

export function addImportXenLog(importing: Command): void {
  importing
    .command("xen-log")
    .description("make a log of what Xen's mediator says on its console")
    .argument("<file>", "the console, guests' lines and all")
    .requiredOption("--db <file>", "the new log")
    .action(async (file: string, _: unknown, command: Command) => {
      const { db, json } = command.optsWithGlobals<ImportTraceOptions>();
      const { importXenLog } = await import("../../importing/traces.ts");
      const fault = await importXenLog(file, db, json === true);
      if (fault !== null) refuse(fault);
    });
}

/** An agent and its trace, `2=guest.log`. */
function ofAgent(text: string, before: readonly TraceToImport[] = []): readonly TraceToImport[] {
  const at = text.indexOf("=");
  const agentId = at > 0 ? whole(text.slice(0, at)) : Number.NaN;
  const file = text.slice(at + 1);
  if (!(agentId < 0xffff_ffff) || file === "") {
    throw new InvalidArgumentError("Give an agent's id and its trace: 2=guest.log.");
  }
  return [...before, { file, agentId }];
}

import type { Command } from "commander";
import { isProblem, type Problem } from "#base/problem.ts";
import type { AuditVerifyArguments, ShownReport } from "../audit/verifying.ts";
import type { Body } from "../client.ts";
import { type CommonOptions, client, type ReadingOptions, reading, several, whole } from "../options.ts";
import { EXIT, facts, note, printJson, refuse, table, write } from "../output.ts";
import { show } from "../show.ts";
import { addBundle } from "./audit/bundle.ts";
import { addWitnesses } from "./audit/witnesses.ts";

interface OutOptions extends ReadingOptions {
  readonly out?: string;
}

export function addAudit(program: Command): void {
  const audit = program
    .command("audit")
    .description("prove what the log says: keys, signed checkpoints, proofs, and verifying all of it");
  addShow(audit);
  addCheckpoint(audit);
  addProof(audit);
  addVerify(audit);
  addBundle(audit);
  addWitnesses(audit);
  addRotateKey(audit);
}

function addShow(audit: Command): void {
  reading(audit.command("show"))
    .description("the log's origin, the keys that signed it, and how far")
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<ReadingOptions>();
      await show(await state(options), options, stateText);
    });
}

function addCheckpoint(audit: Command): void {
  reading(audit.command("checkpoint"))
    .description("the newest signed checkpoint, over the whole log where its key is at hand")
    .option("--out <file>", "write it to this file")
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<OutOptions>();
      const answer = await state(options);
      await putOut(isProblem(answer) ? answer : String(answer["checkpoint"]), answer, options);
    });
}

function addProof(audit: Command): void {
  reading(audit.command("proof"))
    .description("a proof in one file that an event is in the log")
    .requiredOption("--seq <seq>", "the event", whole)
    .option("--out <file>", "write it to this file")
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<OutOptions & { readonly seq: number }>();
      if (options.db !== undefined) {
        const { proofOf } = await import("../audit/showing.ts");
        const text = proofOf(options.db, options.seq);
        await putOut(text, isProblem(text) ? text : { seq: options.seq, tlogProof: text }, options);
        return;
      }
      const answer = await client(options).get("/v1/audit/proof", { seq: String(options.seq) });
      await putOut(isProblem(answer) ? answer : String(answer["tlogProof"]), answer, options);
    });
}

function addVerify(audit: Command): void {
  audit
    .command("verify")
    .description("re-read a whole log: leaves, tree, signatures, decisions, state digests, snapshots, tables")
    .requiredOption("--db <file>", "the log; it is never changed")
    .option(
      "--checkpoint <file>",
      "a checkpoint from elsewhere that the log must go on from; may be repeated",
      several,
    )
    .option(
      "--since <seq or file>",
      "only what came behind this event, or this checkpoint, which was verified before",
    )
    .option(
      "--vkey <vkey>",
      "a verifier key to trust, instead of the one beside the log; may be repeated",
      several,
    )
    .option("--key <file>", "a file of verifier keys to trust, one a line; may be repeated", several)
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<CommonOptions & AuditVerifyArguments>();
      const { auditVerify } = await import("../audit/verifying.ts");
      const report = await auditVerify(options);
      await show(report, options, reportText);
      if (!isProblem(report) && report.faultCount > 0) process.exitCode = EXIT.refused;
    });
}

function addRotateKey(audit: Command): void {
  audit
    .command("rotate-key")
    .description("give a log a new key, signed by the old one; its server must not run")
    .requiredOption("--db <file>", "the log")
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<CommonOptions & { readonly db: string }>();
      const { rotateKeyOf } = await import("../audit/showing.ts");
      await show(rotateKeyOf(options.db), options, ({ before, after, size }) =>
        facts([
          ["before", before],
          ["now", after],
          ["from event", size + 1],
        ]),
      );
    });
}

async function state(options: ReadingOptions): Promise<Body | Problem> {
  if (options.db === undefined) return client(options).get("/v1/audit");
  const { auditOf } = await import("../audit/showing.ts");
  return auditOf(options.db);
}

/** Writes a text to its file, or prints it as it is; as JSON where that is asked for. */
async function putOut(
  text: string | Problem,
  json: object,
  { out, json: asJson }: OutOptions,
): Promise<void> {
  if (isProblem(text)) {
    refuse(text);
    return;
  }
  if (out !== undefined) {
    const { writeOut } = await import("#inputs/write-file.ts");
    const unwritten = await writeOut(out, text);
    if (unwritten !== null) {
      refuse(unwritten);
      return;
    }
  }
  if (asJson === true) await printJson(json);
  else if (out === undefined) await write(text);
}

function stateText({ origin, keys, size, rootHash }: Body): string {
  const listed = (keys as readonly Body[]).map(
    ({ vkey, fromSize }) => `${vkey} (from event ${Number(fromSize) + 1})`,
  );
  return facts([
    ["origin", origin],
    ...listed.map((key, i) => [i === listed.length - 1 ? "key" : "earlier key", key] as const),
    ["signed", `${size} events`],
    ["root hash", rootHash],
  ]);
}

const TRUST: Readonly<Record<string, string>> = {
  given: "the keys given",
  "key-file": "the key beside the log; for proof to others, give --vkey",
  log: "the log's own word for its keys; for proof, give --vkey",
};

function reportText(report: ShownReport): string {
  const {
    verdict,
    origin,
    trust,
    events,
    size,
    signedSize,
    rootHash,
    checkpoints,
    checked,
    faults,
    faultCount,
  } = report;
  const told = facts([
    ["log", origin],
    ["verdict", verdict],
    ["verified", `${events} of ${size} events in ${report.durationMs} ms: ${checked.join(", ")}`],
    ["signed", `${signedSize} events, held to ${checkpoints} checkpoint${checkpoints === 1 ? "" : "s"}`],
    ...(signedSize < size
      ? [["unsigned", `${size - signedSize} events at the end, for which nobody vouches yet`] as const]
      : []),
    ["trust", TRUST[trust]],
    ["root hash", rootHash],
  ]);
  if (faultCount === 0) return told;
  const rows = faults.map(({ seq, table: where, detail }) => [seq, where, detail]);
  const more = faultCount > faults.length ? `\n… and ${faultCount - faults.length} more` : "";
  const first = faults.find(({ seq }) => seq !== null) ?? faults[0];
  note(`scmictl: the log was altered: ${first?.detail}`);
  return `${told}\n${table(["seq", "table", "what"], rows)}${more}`;
}

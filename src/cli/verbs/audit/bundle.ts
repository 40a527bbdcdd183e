import { type Command, InvalidArgumentError } from "commander";
import { isProblem } from "#base/problem.ts";
import { QUESTION_FORMS, questionQuery } from "../../audit/question-words.ts";
import type { Query } from "../../client.ts";
import { type ReadingOptions, reading, withSource } from "../../options.ts";
import { note, refuse } from "../../output.ts";

interface BundleOptions extends ReadingOptions {
  readonly question: Query;
  readonly out: string;
}

export function addBundle(audit: Command): void {
  reading(audit.command("bundle"))
    .description("an answer with all that proves it, in one archive that strangers can verify")
    .requiredOption("--question <words>", `what is asked: ${QUESTION_FORMS.join(" | ")}`, question)
    .requiredOption("--out <file>", "the archive, a .tar")
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<BundleOptions>();
      const bytes = await withSource(options, (source) => source.bytes("/v1/audit/bundle", options.question));
      if (isProblem(bytes)) return refuse(bytes);
      const { writeOut } = await import("#inputs/write-file.ts");
      const unwritten = await writeOut(options.out, bytes);
      if (unwritten !== null) return refuse(unwritten);
      note(
        `${options.out}: ${bytes.length} bytes; verify it with python3 verify.py --key VKEY ${options.out}`,
      );
    });

  audit
    .command("verifier")
    .description("the program that verifies bundles, to take from here instead of from a bundle")
    .action(async () => {
      const [{ verifier }, { write }] = await Promise.all([
        import("#evidence/bundle.ts"),
        import("../../output.ts"),
      ]);
      await write(Buffer.from(verifier()).toString());
    });
}

function question(text: string): Query {
  const query = questionQuery(text);
  if (query === null) throw new InvalidArgumentError(`Allowed are: ${QUESTION_FORMS.join("; ")}.`);
  return query;
}

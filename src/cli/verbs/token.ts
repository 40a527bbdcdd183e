import { type Command, InvalidArgumentError, Option } from "commander";
import { ROLES, type Role } from "#api/auth/roles.ts";
import { isTokenName } from "#api/auth/token-name.ts";
import type { CommonOptions } from "../options.ts";

interface FileOptions extends CommonOptions {
  readonly db?: string;
  readonly tokens?: string;
}

interface CreateOptions extends FileOptions {
  readonly role: Role;
  readonly name: string;
  readonly expires?: Date;
}

/** Tokens are made and revoked where their file is: no server has to run, and a running one takes note at once. */
export function addToken(program: Command): void {
  const token = program
    .command("token")
    .description("make, list and revoke the tokens of a server's callers");

  inFile(token.command("create"))
    .description("make a token; it is shown once, and only its hash is kept")
    .requiredOption("--name <name>", "whose it is: the log will call its holder so", tokenName)
    .addOption(new Option("--role <role>", "what its holder may do").choices(ROLES).makeOptionMandatory())
    .option("--expires <time>", "when it ends, ISO 8601", time)
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<CreateOptions>();
      const { createToken } = await import("../serving/tokens.ts");
      await createToken(fileOf(options, command), options, options.json === true);
    });

  inFile(token.command("list"))
    .description("list the tokens")
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<FileOptions>();
      const { listTokens } = await import("../serving/tokens.ts");
      await listTokens(fileOf(options, command), options.json === true);
    });

  inFile(token.command("revoke"))
    .description("end a token, now and for ever")
    .argument("<token>", "its id or name")
    .action(async (which: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<FileOptions>();
      const { revokeToken } = await import("../serving/tokens.ts");
      await revokeToken(fileOf(options, command), which, options.json === true);
    });
}

function inFile(command: Command): Command {
  return command
    .option("--db <file>", "the log whose server they are for: they are kept in FILE.tokens")
    .option("--tokens <file>", "the file that they are kept in, as given to serve --tokens");
}

function fileOf({ db, tokens }: FileOptions, command: Command): string {
  if (tokens !== undefined) return tokens;
  if (db === undefined) command.error("error: give --db LOG or --tokens FILE");
  return `${db}.tokens`;
}

function tokenName(text: string): string {
  if (!isTokenName(text)) {
    throw new InvalidArgumentError(
      "Allowed are up to 64 letters, digits and . _ @ -, but not local, system or anonymous.",
    );
  }
  return text;
}

function time(text: string): Date {
  const date = new Date(text);
  if (Number.isNaN(date.getTime()))
    throw new InvalidArgumentError("It is no time such as 2027-01-31T00:00:00Z.");
  return date;
}

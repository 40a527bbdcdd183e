import { randomBytes } from "node:crypto";
import { chmodSync, readFileSync, renameSync, unlinkSync, writeFileSync } from "node:fs";
import { z } from "zod";
import { type Problem, problem } from "#base/problem.ts";
import { type Token, TokenList } from "./token.ts";

/** Where the tokens of a log are kept when nobody says: beside it. */
export function tokenFileOf(log: string): string {
  return `${log}.tokens`;
}

/** The tokens in a file, revoked ones included; null: there is no such file. */
export function readTokenFile(file: string): readonly Token[] | null | Problem {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === "ENOENT" ? null : problem("token-file-invalid", { file, why: message });
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return problem("token-file-invalid", { file, why: (error as Error).message });
  }
  const list = TokenList.safeParse(json);
  return list.success
    ? list.data.tokens
    : problem("token-file-invalid", { file, why: z.prettifyError(list.error).replaceAll("\n", " ") });
}

/** Writes all tokens, readable by their owner only, in one step: a server that reads meanwhile finds the old ones or the new. */
export function writeTokenFile(file: string, tokens: readonly Token[]): Problem | null {
  const draft = `${file}.${randomBytes(4).toString("hex")}`;
  try {
    writeFileSync(draft, `${JSON.stringify({ version: 1, tokens }, null, 2)}\n`, {
      mode: 0o600,
      flush: true,
    });
    chmodSync(draft, 0o600);
    renameSync(draft, file);
    return null;
  } catch (error) {
    try {
      unlinkSync(draft);
    } catch {
      // It was never made.
    }
    return problem("token-file-invalid", { file, why: (error as Error).message });
  }
}

import type { Role } from "#api/auth/roles.ts";
import { makeToken, type Token } from "#api/auth/token.ts";
import { readTokenFile, writeTokenFile } from "#api/auth/token-file.ts";
import { isProblem, type Problem, problem } from "#base/problem.ts";
import { note, print, printJson, refuse, table } from "../output.ts";

/** Makes a token and shows it: the only time that anybody sees it. */
export async function createToken(
  file: string,
  { name, role, expires }: { readonly name: string; readonly role: Role; readonly expires?: Date },
  isJson: boolean,
): Promise<void> {
  const known = readTokenFile(file);
  if (isProblem(known)) return refuse(known);
  if (known?.some((token) => token.name === name)) return refuse(problem("token-name-taken", { name }));
  const created = new Date().toISOString();
  const { token, text } = makeToken({ name, role, created, expires: expires?.toISOString() ?? null });
  const fault = writeTokenFile(file, [...(known ?? []), token]);
  if (fault !== null) return refuse(fault);
  if (isJson) return printJson({ ...shown(token), token: text });
  note(`${name} is ${role}; kept as a hash in ${file}. This is the only time that the token is shown:`);
  await print(text);
}

/** Lists the tokens of a file. */
export async function listTokens(file: string, isJson: boolean): Promise<void> {
  const known = existing(file);
  if (isProblem(known)) return refuse(known);
  if (isJson) return printJson({ items: known.map(shown) });
  const rows = known.map(({ id, name, role, created, expires, revoked }) => [
    id,
    name,
    role,
    created,
    expires,
    revoked,
  ]);
  await print(table(["id", "name", "role", "created", "expires", "revoked"], rows));
}

/** Ends a token. Asked twice it is not an error, and not news. */
export async function revokeToken(file: string, which: string, isJson: boolean): Promise<void> {
  const known = existing(file);
  if (isProblem(known)) return refuse(known);
  const token = known.find(({ id, name }) => id === which || name === which);
  if (token === undefined) return refuse(problem("token-not-found", { token: which, file }));
  const revoked = { ...token, revoked: token.revoked ?? new Date().toISOString() };
  const fault = writeTokenFile(
    file,
    known.map((other) => (other === token ? revoked : other)),
  );
  if (fault !== null) return refuse(fault);
  await (isJson
    ? printJson(shown(revoked))
    : print(`${token.name} (${token.id}) revoked ${revoked.revoked}`));
}

function existing(file: string): readonly Token[] | Problem {
  return readTokenFile(file) ?? problem("token-file-invalid", { file, why: "there is no such file" });
}

/** A token as it may be shown: without its hash. */
function shown({ sha256: _, ...token }: Token): Omit<Token, "sha256"> {
  return token;
}

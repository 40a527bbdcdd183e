import { join } from "node:path";
import type { Role } from "#api/auth/roles.ts";
import { makeToken } from "#api/auth/token.ts";
import { readTokenFile, writeTokenFile } from "#api/auth/token-file.ts";
import { RestHost, whole } from "../../support/rest.ts";

/** Adds a token to a file and gives its text. */
export function addToken(file: string, name: string, role: Role, expires: string | null = null): string {
  const known = whole(readTokenFile(file)) ?? [];
  const { token, text } = makeToken({ name, role, created: "2026-11-20T00:00:00Z", expires });
  whole(writeTokenFile(file, [...known, token]) ?? 0);
  return text;
}

export function bearer(token: string): { readonly authorization: string } {
  return { authorization: `Bearer ${token}` };
}

/** A served host with a token of each role, named as its role. */
export async function guardedHost(options: Parameters<typeof RestHost.start>[0] = {}): Promise<{
  readonly host: RestHost;
  readonly tokens: Readonly<Record<Role, string>>;
  readonly file: string;
}> {
  const folder = await RestHost.start();
  const file = join(folder.folder, "log.db.tokens");
  const tokens = {
    admin: addToken(file, "ada", "admin"),
    operator: addToken(file, "otto", "operator"),
    auditor: addToken(file, "aud", "auditor"),
    viewer: addToken(file, "vera", "viewer"),
  };
  await folder.close();
  folder.configure({ ...options, tokens: file });
  await folder.open();
  return { host: folder, tokens, file };
}

import { createPrivateKey, X509Certificate } from "node:crypto";
import { readTokenFile, tokenFileOf } from "#api/auth/token-file.ts";
import type { LogLevel } from "#api/server.ts";
import type { WitnessAddress } from "#audit/witnesses/address.ts";
import { isProblem, type Problem, problem } from "#base/problem.ts";
import { readTextFile } from "#inputs/read-file.ts";

/** What a server is started with. */
export interface ServeOptions {
  readonly board?: string;
  readonly db?: string;
  readonly port: number;
  readonly host: string;
  readonly newBoard?: boolean;
  readonly newAuditKey?: boolean;
  readonly checkInvariants?: boolean;
  readonly logLevel: LogLevel;
  readonly tokens?: string;
  readonly tlsKey?: string;
  readonly tlsCert?: string;
  readonly requireReason?: boolean;
  readonly witness?: readonly WitnessAddress[];
}

const PEM_BYTES_MAX = 1_000_000;

/** Who may call a server, and how it proves who it is. */
export interface ServerAccess {
  /** File of the tokens, which need not be there. */
  readonly tokens: string;
  readonly areTokens: boolean;
  readonly tls: { readonly key: string; readonly cert: string } | undefined;
}

/** Reads what a server's options name, before anything is opened or written. */
export async function readAccess(options: ServeOptions, log: string): Promise<ServerAccess | Problem> {
  const tokens = options.tokens ?? tokenFileOf(log);
  const known = readTokenFile(tokens);
  if (isProblem(known)) return known;
  if (known === null && options.tokens !== undefined) {
    return problem("token-file-invalid", { file: tokens, why: "there is no such file" });
  }
  const tls = await readTls(options);
  if (isProblem(tls)) return tls;
  return { tokens, areTokens: known !== null && known.length > 0, tls };
}

/** Reads key and certificate of TLS, undefined: none are named. */
export async function readTls({
  tlsKey,
  tlsCert,
}: Pick<ServeOptions, "tlsKey" | "tlsCert">): Promise<ServerAccess["tls"] | Problem> {
  if (tlsKey === undefined || tlsCert === undefined) return undefined;
  const key = await readTextFile(tlsKey, PEM_BYTES_MAX);
  if (isProblem(key)) return key;
  const cert = await readTextFile(tlsCert, PEM_BYTES_MAX);
  if (isProblem(cert)) return cert;
  const certificate = parsed(tlsCert, () => new X509Certificate(cert));
  if (isProblem(certificate)) return certificate;
  const privateKey = parsed(tlsKey, () => createPrivateKey(key));
  if (isProblem(privateKey)) return privateKey;
  return certificate.checkPrivateKey(privateKey)
    ? { key, cert }
    : problem("tls-unusable", { file: tlsKey, why: `it is not the key of ${tlsCert}` });
}

function parsed<T>(file: string, parse: () => T): T | Problem {
  try {
    return parse();
  } catch (error) {
    return problem("tls-unusable", { file, why: (error as Error).message });
  }
}

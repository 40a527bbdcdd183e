import { statSync } from "node:fs";
import { isProblem, type Problem, problem } from "#base/problem.ts";
import { isTokenOf, makeToken, type Token, tokenId } from "./token.ts";
import { readTokenFile } from "./token-file.ts";

/**
 * The tokens that a server knows. The file is read again when it has changed, so that a revoked token ends at once. Once there
 * were tokens they stay needed: a file that is gone or broken lets nobody in.
 */
export class TokenStore {
  readonly #file: string | null;
  /** Now, UTC, milliseconds. */
  readonly #now: () => number;
  /** What the server's own program reads with. */
  readonly own: string;
  readonly #own: Token;
  #stamp = "";
  #tokens: ReadonlyMap<string, Token> = new Map();
  #fault: Problem | null = null;
  #wereNeeded = false;

  /** @param file the token file, which need not be there; null: there are no tokens and never will be */
  constructor(file: string | null, now: () => number) {
    this.#file = file;
    this.#now = now;
    const created = new Date(now()).toISOString();
    const { token, text } = makeToken({ name: "system", role: "viewer", created, expires: null });
    this.own = text;
    this.#own = token;
  }

  /** Whether callers need one. */
  get areNeeded(): boolean {
    this.#refresh();
    return this.#wereNeeded;
  }

  /** Why the file cannot be used, or null. */
  get fault(): Problem | null {
    this.#refresh();
    return this.#fault;
  }

  /** Whether an `Authorization` header is the server's own program's. */
  isOwn(authorization: string | undefined): boolean {
    return authorization === `Bearer ${this.own}`;
  }

  /** The token of an `Authorization` header, or why that lets nobody in. */
  holder(authorization: string | undefined): Token | Problem {
    this.#refresh();
    if (this.#fault !== null) return this.#fault;
    if (authorization === undefined) return problem("token-missing", {});
    const text = /^Bearer +(\S+) *$/i.exec(authorization)?.[1];
    const id = text === undefined ? null : tokenId(text);
    if (text === undefined || id === null) {
      return problem("token-refused", { why: "it is not a token of this program" });
    }
    const token = id === this.#own.id ? this.#own : this.#tokens.get(id);
    if (token === undefined || !isTokenOf(token, text)) {
      return problem("token-refused", { why: "it is not known here" });
    }
    if (token.revoked !== null) return problem("token-refused", { why: `it was revoked ${token.revoked}` });
    if (token.expires !== null && Date.parse(token.expires) <= this.#now()) {
      return problem("token-refused", { why: `it expired ${token.expires}` });
    }
    return token;
  }

  #refresh(): void {
    if (this.#file === null) return;
    const stamp = stampOf(this.#file);
    if (stamp === this.#stamp) return;
    this.#stamp = stamp;
    const tokens = readTokenFile(this.#file);
    this.#fault = null;
    if (isProblem(tokens)) {
      this.#fault = tokens;
      this.#wereNeeded = true;
    } else if (tokens === null && this.#wereNeeded) {
      this.#fault = problem("token-file-invalid", { file: this.#file, why: "it is gone" });
    } else {
      this.#tokens = new Map(tokens?.map((token) => [token.id, token]));
      this.#wereNeeded ||= this.#tokens.size > 0;
    }
  }
}

/** What changes when a file does. */
function stampOf(file: string): string {
  const stat = statSync(file, { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? "none" : `${stat.ino} ${stat.size} ${stat.mtimeNs}`;
}

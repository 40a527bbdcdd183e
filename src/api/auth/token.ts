import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { ROLES, type Role } from "./roles.ts";
import { isTokenName } from "./token-name.ts";

/** A token as its file keeps it: what it is checked by, and never the secret. */
export const Token = z.strictObject({
  /** First part of the token, 8 hex digits; may be shown. */
  id: z.string().regex(/^[0-9a-f]{8}$/),
  name: z.string().refine(isTokenName),
  role: z.enum(ROLES),
  /** SHA-256 of the whole token, hex. The secret is 256 random bits: no slow hash makes those harder to guess. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  created: z.iso.datetime(),
  expires: z.iso.datetime().nullable(),
  revoked: z.iso.datetime().nullable(),
});
export type Token = z.output<typeof Token>;

export const TokenList = z.strictObject({ version: z.literal(1), tokens: z.array(Token) });

/** A new token: what goes into the file, and the text that is shown once. Times are ISO 8601. */
export function makeToken(asked: {
  readonly name: string;
  readonly role: Role;
  readonly created: string;
  readonly expires: string | null;
}): { readonly token: Token; readonly text: string } {
  const id = randomBytes(4).toString("hex");
  const text = `scmi_${id}_${randomBytes(32).toString("base64url")}`;
  const sha256 = createHash("sha256").update(text).digest("hex");
  return { token: { id, ...asked, sha256, revoked: null }, text };
}

/** The id in a token's text, or null: it is none. */
export function tokenId(text: string): string | null {
  return /^scmi_([0-9a-f]{8})_[\w-]{43}$/.exec(text)?.[1] ?? null;
}

/** Whether a text is the secret of this token; takes as long whether it is or not. */
export function isTokenOf(token: Token, text: string): boolean {
  return timingSafeEqual(createHash("sha256").update(text).digest(), Buffer.from(token.sha256, "hex"));
}

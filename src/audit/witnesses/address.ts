import { isProblem, type Problem, problem } from "#base/problem.ts";
import { parseVerifierKey, type VerifierKey } from "../note/keys.ts";

/** A witness that a log asks: where it is, and the key that it cosigns with. */
export interface WitnessAddress {
  /** Without a slash at the end; `/add-checkpoint` comes behind. */
  readonly url: string;
  readonly key: VerifierKey;
}

/** Reads `URL=VKEY`, as `serve --witness` takes it; `key-invalid` says what is wrong with it. */
export function parseWitnessAddress(text: string): WitnessAddress | Problem {
  const what = "a witness, URL=VKEY";
  const invalid = (why: string): Problem => problem("key-invalid", { what, why });
  const at = text.indexOf("=");
  if (at < 0) return invalid("it has no = between the two");
  const given = text.slice(0, at);
  if (!/^https?:\/\//.test(given) || !URL.canParse(given))
    return invalid(`${JSON.stringify(given)} is no http or https URL`);
  const url = new URL(given);
  if (url.search !== "" || url.hash !== "" || url.username !== "") {
    return invalid("its URL has a query, a fragment or a user");
  }
  const key = parseVerifierKey(text.slice(at + 1));
  if (isProblem(key)) return key;
  if (key.type !== "cosignature") return invalid("its key is a log's, not a witness's");
  return { url: url.href.replace(/\/+$/, ""), key };
}

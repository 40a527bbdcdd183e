import { isProblem } from "#base/problem.ts";
import { toBase64 } from "../note/base64.ts";
import type { SignedCheckpoint } from "../note/checkpoint.ts";
import { cosignaturesOn } from "../note/cosignature.ts";
import { isOfKey, type NoteSignature, parseNote } from "../note/note.ts";
import type { WitnessAddress } from "./address.ts";

const ANSWER_BYTES_MAX = 65_536;

/** What a witness made of a checkpoint. */
export type WitnessAnswer =
  | { readonly kind: "cosigned"; readonly signature: NoteSignature; readonly timeS: number }
  /** It knows the log at this size, and not at the one that was asked from. */
  | { readonly kind: "conflict"; readonly size: number }
  /** It says that the tree does not go on from the one that it knows. */
  | { readonly kind: "contradicted"; readonly why: string }
  /** It will not, however often it is asked. */
  | { readonly kind: "refused"; readonly why: string }
  /** It cannot now. */
  | { readonly kind: "unreachable"; readonly why: string };

/**
 * Asks a witness once to cosign a checkpoint. Never rejects.
 *
 * @param oldSize of the tree that it knows, as far as is known here
 * @see C2SP tlog-witness "add-checkpoint"
 */
export async function askWitness(
  { url, key }: WitnessAddress,
  signed: SignedCheckpoint,
  oldSize: number,
  proof: readonly Uint8Array[],
  signal: AbortSignal,
): Promise<WitnessAnswer> {
  const body = [`old ${oldSize}`, ...proof.map(toBase64), "", signed.text].join("\n");
  let status: number;
  let text: string | null;
  try {
    const response = await fetch(`${url}/add-checkpoint`, {
      method: "POST",
      body,
      signal,
      redirect: "error",
    });
    status = response.status;
    text = await textOf(response);
  } catch (error) {
    return { kind: "unreachable", why: whyNot(error as Error) };
  }
  if (text === null)
    return { kind: "unreachable", why: `its answer is longer than ${ANSWER_BYTES_MAX} bytes` };
  const why = `it answered ${status}${text.trim() === "" ? "" : `: ${firstLine(text)}`}`;
  if (status === 200) return cosignatureIn(text, signed, { url, key });
  if (status === 409) {
    const size = /^(0|[1-9]\d{0,15})\n?$/.exec(text)?.[1];
    return size === undefined ? { kind: "unreachable", why } : { kind: "conflict", size: Number(size) };
  }
  if (status === 422) return { kind: "contradicted", why };
  return { kind: status >= 500 || status === 429 || status === 408 ? "unreachable" : "refused", why };
}

/** The witness's own cosignature in its answer; what others signed there is passed over. */
function cosignatureIn(text: string, signed: SignedCheckpoint, { key }: WitnessAddress): WitnessAnswer {
  const note = parseNote(`${signed.note.text}\n${text}`);
  if (isProblem(note))
    return { kind: "refused", why: `it answered 200 without a cosignature: ${note.detail}` };
  const signature = note.signatures.find((each) => isOfKey(each, key));
  const found = cosignaturesOn(note, [key]);
  const timeS = isProblem(found) ? undefined : found[0]?.timeS;
  if (signature === undefined || timeS === undefined || timeS === 0) {
    return { kind: "refused", why: "it answered 200 without a cosignature of its key" };
  }
  return { kind: "cosigned", signature, timeS };
}

async function textOf(response: Response): Promise<string | null> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > ANSWER_BYTES_MAX) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function firstLine(text: string): string {
  return (text.trim().split("\n")[0] ?? "").slice(0, 300);
}

/** fetch says what went wrong in the cause. */
function whyNot(error: Error): string {
  if (error.name === "TimeoutError") return "it did not answer in time";
  const { code, message } = (error.cause ?? error) as { code?: string; message?: string };
  if (code === "ECONNREFUSED") return "nothing listens there";
  return message || code || error.message;
}

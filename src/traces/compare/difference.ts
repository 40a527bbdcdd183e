import type { Json } from "#base/canonical-json.ts";
import { fromHex } from "#base/hex.ts";
import type { ScmiObserved } from "#events/observed.ts";
import { decodeMessage, decodeSent } from "#scmi/codec.ts";
import { MESSAGE_TYPE, packHeader } from "#scmi/header.ts";
import { SCMI_STATUS, statusName } from "#scmi/status.ts";

/** An answer of the model: an SCMI message, or none. */
export interface ModelAnswer {
  readonly status: number | null;
  /** Payload with the status in front, hex. */
  readonly payload: string;
}

/** How two answers compare: `unanswered` where the trace does not tell enough to say. */
export type Verdict = { readonly same: boolean; readonly cause: string } | "unanswered";

const SAME: Verdict = { same: true, cause: "" };
/** Hex digits of the status in front of an answer. */
export const STATUS_DIGITS = 8;

/**
 * What Linux gives its caller for a status.
 *
 * @see Linux, drivers/firmware/arm_scmi/driver.c, `scmi_linux_errmap`
 */
const LINUX_ERRNO: Readonly<Record<number, number>> = {
  [SCMI_STATUS.SUCCESS]: 0,
  [SCMI_STATUS.NOT_SUPPORTED]: -95,
  [SCMI_STATUS.INVALID_PARAMETERS]: -22,
  [SCMI_STATUS.DENIED]: -13,
  [SCMI_STATUS.NOT_FOUND]: -2,
  [SCMI_STATUS.OUT_OF_RANGE]: -34,
  [SCMI_STATUS.BUSY]: -16,
  [SCMI_STATUS.COMMS_ERROR]: -70,
  [SCMI_STATUS.GENERIC_ERROR]: -5,
  [SCMI_STATUS.HARDWARE_ERROR]: -121,
  [SCMI_STATUS.PROTOCOL_ERROR]: -71,
};
const EIO = -5;

/** Compares what a board answered with what the model answers. The cause says in what they differ, not by which values. */
export function compareAnswers(observed: ScmiObserved, model: ModelAnswer): Verdict {
  const { outcome, status, response, errno } = observed;
  if (outcome !== "answered" || status === null || response === null) {
    if ((outcome !== "ended" && outcome !== "failed") || errno === null) return "unanswered";
    if (model.status === null) return differs("the model does not answer");
    const expected = LINUX_ERRNO[model.status] ?? EIO;
    return errno === expected ? SAME : differs(`errno: board ${errno}, model ${expected}`);
  }
  if (model.status === null) return differs("the model does not answer");
  const header = packHeader(observed.protocolId, observed.messageId, observed.token);
  return comparePayloads({ status, payload: response }, model, (payload) =>
    decodeMessage(header, payload, "p2a"),
  );
}

/** Compares delayed responses: status and fields. */
export function compareDelayed(
  { protocolId, messageId, token, status, response }: ScmiObserved,
  model: ModelAnswer,
): Verdict {
  if (status === null || response === null) return "unanswered";
  if (model.status === null) return differs("the model sends no delayed response");
  const header = packHeader(protocolId, messageId, token, MESSAGE_TYPE.DELAYED_RESPONSE);
  return comparePayloads({ status, payload: response }, model, (payload) => decodeSent(header, payload));
}

/** Says how two notifications of the same kind differ. */
export function compareNotifications(header: number, board: string, model: string): Verdict {
  if (board === model) return SAME;
  const names = differingFields(board, model, (payload) => decodeSent(header, payload));
  return differs(
    names.length > 0
      ? `fields: ${names.join(", ")}`
      : `length: board ${board.length / 2} bytes, model ${model.length / 2}`,
  );
}

type Decode = (payload: Uint8Array) => object;

/** @param board the payload without its status, as Linux dumps it; of the model's the status is in front */
function comparePayloads(
  board: { readonly status: number; readonly payload: string },
  model: ModelAnswer,
  decode: Decode,
): Verdict {
  const { status } = model;
  if (status !== board.status) {
    return differs(`status: board ${statusName(board.status)}, model ${statusName(status as number)}`);
  }
  const answer = model.payload.slice(STATUS_DIGITS);
  // Linux dumps what it asked for: of a longer answer only the start.
  if (answer.startsWith(board.payload)) return SAME;
  const whole = model.payload.slice(0, STATUS_DIGITS) + board.payload;
  const names = differingFields(whole, model.payload, decode);
  if (names.length > 0) return differs(`fields: ${names.join(", ")}`);
  return differs(`length: board ${board.payload.length / 2} bytes, model ${answer.length / 2}`);
}

function differs(cause: string): Verdict {
  return { same: false, cause };
}

type Fields = Readonly<Record<string, Json | undefined>>;

/** Names of the fields in which two messages differ. */
function differingFields(board: string, model: string, decode: Decode): string[] {
  const [ours, theirs] = [board, model].map((hex) => decode(fromHex(hex) ?? new Uint8Array(0)) as Fields);
  const names = new Set([...Object.keys(ours ?? {}), ...Object.keys(theirs ?? {})]);
  // A word's meaning differs because the word does.
  names.delete("meaning");
  return [...names].filter((name) => JSON.stringify(ours?.[name]) !== JSON.stringify(theirs?.[name]));
}

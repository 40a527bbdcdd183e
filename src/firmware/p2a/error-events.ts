import { composeWord } from "#scmi/fields.ts";
import { BASE } from "#scmi/protocols/base.ts";
import { CHANNEL_ERROR } from "#scmi/shmem.ts";
import { SCMI_STATUS } from "#scmi/status.ts";
import type { RingResponse } from "../ring.ts";
import { type Notifier, raise } from "./notifications.ts";

const { BASE_NOTIFY_ERRORS } = BASE.commands;
const { BASE_ERROR_EVENT } = BASE.sent;

/** Statuses that tell of an error of the platform's own, not of a request that was wrong or not allowed. */
const ERRORS: readonly number[] = [
  SCMI_STATUS.COMMS_ERROR,
  SCMI_STATUS.GENERIC_ERROR,
  SCMI_STATUS.HARDWARE_ERROR,
];

/**
 * Tells who asked for errors of a message that the platform failed at: it answered with an error of its own, or (COMMS_ERROR) could
 * not make a message of what it found in the channel.
 */
export function reportError(notifier: Notifier, agentId: number, response: RingResponse): void {
  if (!notifier.board.hasP2a) return;
  const status = errorOf(response);
  if (status === null) return;
  raise(notifier, BASE_NOTIFY_ERRORS, BASE_ERROR_EVENT, undefined, {
    agentId,
    errorStatus: composeWord(BASE_ERROR_EVENT.p2a.errorStatus, { fatal: false, reports: 1 }),
    msgReports: [{ header: response.header, status }],
  });
}

function errorOf({ channelStatus, payload }: RingResponse): number | null {
  if ((channelStatus & CHANNEL_ERROR) !== 0) return SCMI_STATUS.COMMS_ERROR;
  if (payload.length < 4) return null;
  const status = new DataView(payload.buffer, payload.byteOffset).getInt32(0, true);
  return ERRORS.includes(status) ? status : null;
}

import type { SmcForwarded } from "#events/types.ts";

/** Bits 0 and 1 of the channel status: FREE alone means that an answer is there. */
const DONE = 3;
const ANSWERED = 1;

/** SCMI status of what the firmware answered, or null: no answer came. */
export function answeredStatus({ xOut, response }: SmcForwarded): number | null {
  if (xOut[0] !== 0n || response === null) return null;
  const { channelStatus, payload } = response;
  return (channelStatus & DONE) === ANSWERED ? (wordAt(payload, 0) ?? null) : null;
}

/** A word of a payload as a signed number, or undefined: the payload ends before. */
export function wordAt(payload: Uint8Array, offset: number): number | undefined {
  if (payload.length < offset + 4) return undefined;
  return (
    (payload[offset] as number) |
    ((payload[offset + 1] as number) << 8) |
    ((payload[offset + 2] as number) << 16) |
    ((payload[offset + 3] as number) << 24)
  );
}

/**
 * Layout of one SCMI shared-memory channel; offsets in bytes from its start, fields little-endian u32.
 *
 * @see Arm DEN0056, "Shared memory based transport"
 */
export const SHMEM = {
  CHANNEL_STATUS: 0x04,
  CHANNEL_FLAGS: 0x10,
  LENGTH: 0x14,
  MESSAGE_HEADER: 0x18,
  PAYLOAD: 0x1c,
} as const;

/** Bits of the channel status word. */
export const CHANNEL_FREE = 1;
export const CHANNEL_ERROR = 2;

/** Size of a channel's window in bytes: one 4 KiB page, whatever the device tree says. */
export const PAGE_BYTES = 0x1000;

/** Payload bytes that fit a page. */
export const PAYLOAD_BYTES_MAX = PAGE_BYTES - SHMEM.PAYLOAD;

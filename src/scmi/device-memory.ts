import { allocate } from "#base/slab.ts";

/**
 * Shared memory as a CPU sees it: device memory (nGnRE), touched only by aligned 32-bit accesses and single bytes.
 * Offsets are bytes from the start of the window; values are unsigned.
 */
export interface DeviceMemory {
  read8(offset: number): number;
  read32(offset: number): number;
  write8(offset: number, value: number): void;
  write32(offset: number, value: number): void;
}

/**
 * Copies `bytes` out of device memory, as the Xen series' memcpy_fromio does: single bytes up to the first aligned word,
 * aligned 32-bit words, single bytes for the rest. No change of byte order.
 */
export function memcpyFromIo(from: DeviceMemory, offset: number, length: number): Uint8Array {
  const bytes = allocate(length);
  let at = 0;
  while (at < length && (offset + at) % 4 !== 0) {
    bytes[at] = from.read8(offset + at);
    at += 1;
  }
  for (; at + 4 <= length; at += 4) {
    const word = from.read32(offset + at);
    bytes[at] = word & 0xff;
    bytes[at + 1] = (word >>> 8) & 0xff;
    bytes[at + 2] = (word >>> 16) & 0xff;
    bytes[at + 3] = word >>> 24;
  }
  for (; at < length; at += 1) bytes[at] = from.read8(offset + at);
  return bytes;
}

/** Copies `bytes` into device memory, by the same accesses as {@link memcpyFromIo}: memcpy_toio of the series. */
export function memcpyToIo(to: DeviceMemory, offset: number, bytes: Uint8Array): void {
  const length = bytes.length;
  let at = 0;
  while (at < length && (offset + at) % 4 !== 0) {
    to.write8(offset + at, bytes[at] as number);
    at += 1;
  }
  for (; at + 4 <= length; at += 4) {
    const low = (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
    const high = ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24);
    to.write32(offset + at, (low | high) >>> 0);
  }
  for (; at < length; at += 1) to.write8(offset + at, bytes[at] as number);
}

import type { PageWrite } from "#events/types.ts";
import type { DeviceMemory } from "#scmi/device-memory.ts";

/**
 * A page that Xen writes before it rings: reads fall through to the page as it is, writes are collected, so that they travel
 * with the doorbell and are recorded in its event.
 */
export class PageWriter implements DeviceMemory {
  readonly #page: DeviceMemory;
  readonly #written = new Map<number, number>();

  constructor(page: DeviceMemory) {
    this.#page = page;
  }

  read8(offset: number): number {
    return this.#written.get(offset) ?? this.#page.read8(offset);
  }

  read32(offset: number): number {
    let value = 0;
    for (let i = 3; i >= 0; i -= 1) value = value * 0x100 + this.read8(offset + i);
    return value;
  }

  write8(offset: number, value: number): void {
    this.#written.set(offset, value & 0xff);
  }

  write32(offset: number, value: number): void {
    for (let i = 0; i < 4; i += 1) this.write8(offset + i, value >>> (8 * i));
  }

  /** What was written so far, as runs of bytes by ascending offset; the collection starts afresh. */
  take(): PageWrite[] {
    const offsets = [...this.#written.keys()].sort((a, b) => a - b);
    const writes: { offset: number; bytes: number[] }[] = [];
    for (const offset of offsets) {
      const last = writes.at(-1);
      const byte = this.#written.get(offset) as number;
      if (last !== undefined && last.offset + last.bytes.length === offset) last.bytes.push(byte);
      else writes.push({ offset, bytes: [byte] });
    }
    this.#written.clear();
    return writes.map(({ offset, bytes }) => ({ offset, bytes: Uint8Array.from(bytes) }));
  }
}

import type { FirmwareMemory } from "#firmware/ring.ts";
import type { DeviceMemory } from "#scmi/device-memory.ts";
import { PAGE_BYTES } from "#scmi/shmem.ts";

/** One access to device memory, as a bus would see it. */
export interface Access {
  readonly kind: "read" | "write";
  readonly bytes: 1 | 4;
  readonly offset: number;
}

/** A page that records its accesses, and stops at one that device memory does not allow: unaligned, or outside. */
export class RecordingPage implements DeviceMemory {
  readonly bytes = new Uint8Array(PAGE_BYTES);
  readonly accesses: Access[] = [];
  readonly #view = new DataView(this.bytes.buffer);

  read8(offset: number): number {
    this.#record("read", 1, offset);
    return this.#view.getUint8(offset);
  }

  read32(offset: number): number {
    this.#record("read", 4, offset);
    return this.#view.getUint32(offset, true);
  }

  write8(offset: number, value: number): void {
    this.#record("write", 1, offset);
    this.#view.setUint8(offset, value);
  }

  write32(offset: number, value: number): void {
    this.#record("write", 4, offset);
    this.#view.setUint32(offset, value, true);
  }

  #record(kind: Access["kind"], bytes: Access["bytes"], offset: number): void {
    const isInside = Number.isInteger(offset) && offset >= 0 && offset + bytes <= PAGE_BYTES;
    if (!isInside || offset % bytes !== 0) throw new Error(`${kind} of ${bytes} bytes at ${offset}`);
    this.accesses.push({ kind, bytes, offset });
  }
}

/** Memory of recording pages, made when first asked for. */
export class RecordingMemory implements FirmwareMemory {
  readonly #pages = new Map<number, RecordingPage>();

  window(address: number): RecordingPage {
    let page = this.#pages.get(address);
    if (page === undefined) {
      page = new RecordingPage();
      this.#pages.set(address, page);
    }
    return page;
  }

  /** Memory with the same bytes, and nothing recorded. */
  copy(): RecordingMemory {
    const copy = new RecordingMemory();
    for (const [address, { bytes }] of this.#pages) copy.window(address).bytes.set(bytes);
    return copy;
  }
}

const encoder = new TextEncoder();

/** Bytes that grow at the end; numbers are big-endian, as in a flattened device tree. */
export class ByteWriter {
  #buffer = new Uint8Array(256);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  words(...values: readonly number[]): void {
    const at = this.#extend(4 * values.length);
    const view = new DataView(this.#buffer.buffer);
    values.forEach((value, index) => {
      view.setUint32(at + 4 * index, value);
    });
  }

  doubleWord(value: bigint): void {
    const at = this.#extend(8);
    new DataView(this.#buffer.buffer).setBigUint64(at, value);
  }

  bytes(bytes: Uint8Array): void {
    const at = this.#extend(bytes.byteLength);
    this.#buffer.set(bytes, at);
  }

  /** UTF-8 and a NUL. */
  text(text: string): void {
    this.bytes(encoder.encode(`${text}\0`));
  }

  /** Zeros up to a multiple of 4. */
  pad(): void {
    this.#extend(-this.#length & 3);
  }

  written(): Uint8Array {
    return this.#buffer.slice(0, this.#length);
  }

  /** Makes room for so many zeros at the end, and tells where they are. */
  #extend(count: number): number {
    const at = this.#length;
    this.#length += count;
    if (this.#length > this.#buffer.length) {
      const larger = new Uint8Array(2 * this.#length);
      larger.set(this.#buffer);
      this.#buffer = larger;
    }
    return at;
  }
}

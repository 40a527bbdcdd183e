import { hash } from "node:crypto";

/** What a value begins with. */
const TAG = { null: 0, integer: 1, text: 2, bytes: 3, longText: 4, longBytes: 5, invalid: 0xff } as const;

/** Texts and bytes that are longer stand as their SHA-256, so that an entry never outgrows an entry bundle. */
export const VALUE_BYTES_MAX = 4096;

const WORD = 2 ** 32;
/** A text is written before it is known how many bytes it has: three for each of its units at the most. */
const SLACK_BYTES = 3 * VALUE_BYTES_MAX;

/** A value as SQLite has it. */
export type Value = number | string | Uint8Array | null;

/**
 * Writes values one behind the other, each so that the next begins where it ends, and no two values look alike:
 *
 *     00                          NULL
 *     01  i64                     an integer
 *     02  u32 length, the bytes   a text, UTF-8, of at most 4,096 bytes
 *     03  u32 length, the bytes   bytes, at most 4,096
 *     04  u32 length, SHA-256     a longer text
 *     05  u32 length, SHA-256     more bytes
 *
 * Numbers are big-endian. What cannot be in a log (a fraction) becomes a byte that no value begins with.
 */
export class ValueWriter {
  readonly #buffer: Buffer;
  readonly #view: DataView;
  /** Where the next value begins. */
  at = 0;

  /** @param bytesMax that all values together can have */
  constructor(bytesMax: number) {
    this.#buffer = Buffer.from(new ArrayBuffer(bytesMax + SLACK_BYTES));
    this.#view = new DataView(this.#buffer.buffer);
  }

  /** What was written so far, or a part of it; overwritten by what is written next. */
  written(from = 0): Uint8Array {
    // Half the time that cutting a Buffer takes.
    return new Uint8Array(this.#view.buffer, from, this.at - from);
  }

  /** Bytes without a tag. */
  raw(bytes: Uint8Array): void {
    this.#buffer.set(bytes, this.at);
    this.at += bytes.length;
  }

  value(value: Value): void {
    if (typeof value === "number") this.integer(value);
    else if (typeof value === "string") this.text(value);
    else this.bytes(value);
  }

  integer(value: number | null): void {
    if (value === null) this.#tag(TAG.null);
    else if (!Number.isSafeInteger(value)) this.#tag(TAG.invalid);
    else {
      this.#view.setUint8(this.at, TAG.integer);
      this.#view.setInt32(this.at + 1, Math.floor(value / WORD));
      this.#view.setUint32(this.at + 5, value >>> 0);
      this.at += 9;
    }
  }

  text(value: string | null): void {
    if (value === null) {
      this.#tag(TAG.null);
      return;
    }
    // A text has at least as many bytes as units.
    const length = value.length > VALUE_BYTES_MAX ? value.length : this.#buffer.write(value, this.at + 5);
    if (length > VALUE_BYTES_MAX) this.#long(TAG.longText, Buffer.from(value));
    else this.#short(TAG.text, length);
  }

  bytes(value: Uint8Array | null): void {
    if (value === null) this.#tag(TAG.null);
    else if (value.length > VALUE_BYTES_MAX) this.#long(TAG.longBytes, value);
    else {
      this.#buffer.set(value, this.at + 5);
      this.#short(TAG.bytes, value.length);
    }
  }

  #tag(tag: number): void {
    this.#view.setUint8(this.at, tag);
    this.at += 1;
  }

  #short(tag: number, length: number): void {
    this.#view.setUint8(this.at, tag);
    this.#view.setUint32(this.at + 1, length);
    this.at += 5 + length;
  }

  #long(tag: number, bytes: Uint8Array): void {
    this.#view.setUint8(this.at, tag);
    this.#view.setUint32(this.at + 1, bytes.length);
    this.#buffer.write(hash("sha256", bytes, "binary"), this.at + 5, "binary");
    this.at += 5 + 32;
  }
}

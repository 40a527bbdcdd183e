/** A property's value: cells, a string or strings (NUL-terminated each), raw bytes, or true for an empty property. */
export type DtbValue = readonly number[] | string | readonly string[] | Uint8Array | true;

/** Named things, or a list of them where names repeat or their order matters (an object sorts `1` before `a`). */
type Named<Value> = Readonly<Record<string, Value>> | readonly (readonly [string, Value])[];

/** A node to be flattened. Only the root has its `name` here; the others are named where they are listed. */
export interface DtbNode {
  readonly name?: string;
  readonly props?: Named<DtbValue>;
  readonly children?: Named<DtbNode>;
}

/** Of version 17; version 16 lacks the last word, which is left as padding there. */
const HEADER_BYTES = 40;
const RESERVATIONS_BYTES = 16;
const STRUCT_AT = HEADER_BYTES + RESERVATIONS_BYTES;

/** The flattened device tree (.dtb) of `root`, without memory reservations. */
export function buildDtb(root: DtbNode, version: 16 | 17 = 17): Uint8Array {
  const strings = new Strings();
  const struct = new Writer();
  writeNode(struct, root.name ?? "", root, strings);
  struct.word(9);
  const stringsAt = STRUCT_AT + struct.length;
  const stringsBytes = strings.writer.length;
  const structBytes = version === 17 ? struct.length : 0;
  const dtb = new Writer();
  const header = [stringsAt + stringsBytes, STRUCT_AT, stringsAt, HEADER_BYTES, version, 16, 0, stringsBytes];
  for (const word of [0xd00dfeed, ...header, structBytes, 0, 0, 0, 0]) dtb.word(word);
  dtb.bytes(struct.written());
  dtb.bytes(strings.writer.written());
  return dtb.written();
}

/** The bytes of a list of cells, big-endian. */
export function cells(...values: readonly number[]): Uint8Array {
  const writer = new Writer();
  for (const value of values) writer.word(value);
  return writer.written();
}

class Writer {
  length = 0;
  #buffer = new Uint8Array(256);

  word(value: number): void {
    this.#reserve(4);
    new DataView(this.#buffer.buffer).setUint32(this.length, value);
    this.length += 4;
  }

  bytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** Bytes, then zeros up to a multiple of 4. */
  padded(bytes: Uint8Array): void {
    this.bytes(bytes);
    this.bytes(new Uint8Array(-bytes.length & 3));
  }

  written(): Uint8Array {
    return this.#buffer.slice(0, this.length);
  }

  #reserve(count: number): void {
    if (this.length + count <= this.#buffer.length) return;
    const larger = new Uint8Array(2 * (this.length + count));
    larger.set(this.#buffer);
    this.#buffer = larger;
  }
}

class Strings {
  readonly writer = new Writer();
  readonly #offsets = new Map<string, number>();

  offsetOf(name: string): number {
    const known = this.#offsets.get(name);
    if (known !== undefined) return known;
    const offset = this.writer.length;
    this.#offsets.set(name, offset);
    this.writer.bytes(terminated(name));
    return offset;
  }
}

function writeNode(struct: Writer, name: string, node: DtbNode, strings: Strings): void {
  struct.word(1);
  struct.padded(terminated(name));
  for (const [property, value] of entries(node.props ?? {})) {
    const bytes = valueBytes(value);
    struct.word(3);
    struct.word(bytes.length);
    struct.word(strings.offsetOf(property));
    struct.padded(bytes);
  }
  for (const [childName, child] of entries(node.children ?? {})) writeNode(struct, childName, child, strings);
  struct.word(2);
}

function entries<Value>(named: Named<Value>): readonly (readonly [string, Value])[] {
  return Array.isArray(named) ? named : Object.entries(named);
}

function valueBytes(value: DtbValue): Uint8Array {
  if (value === true) return new Uint8Array();
  if (typeof value === "string") return terminated(value);
  if (value instanceof Uint8Array) return value;
  const writer = new Writer();
  for (const item of value) {
    if (typeof item === "string") writer.bytes(terminated(item));
    else writer.word(item);
  }
  return writer.written();
}

function terminated(text: string): Uint8Array {
  return new TextEncoder().encode(`${text}\0`);
}

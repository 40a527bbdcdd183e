import { Addresses } from "./addresses.ts";
import { bytesOfText, hasText, textOfBytes } from "./byte-text.ts";
import type { RedactionChoice } from "./choice.ts";
import { Words } from "./words.ts";

const DOM0_UUID = "00000000-0000-0000-0000-000000000000";
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** Actors that the program names itself. */
const OWN_ACTORS: ReadonlySet<string> = new Set(["system", "local", "anonymous", "import", "simulate"]);
/** A unit address up to here is a number on a bus or of a protocol (`protocol@14`), not an address. */
const UNIT_DIGITS_MAX = 3;

/** Original and stand-in of everything that was replaced, by kind. */
export type StandInMap = { readonly [kind: string]: { readonly [original: string]: string } };

/**
 * What stands in for the names and addresses of a log. The same always has the same stand-in, whoever names it: patterns stay
 * visible, and rules that compare come to the same result.
 */
export class StandIns {
  readonly choice: RedactionChoice;
  readonly #words = new Words();
  readonly #addresses = new Addresses();
  readonly #units = new Map<string, string>();
  readonly #uuids = new Map<string, string>();
  readonly #numbered = new Map<string, Map<string, string>>();

  constructor(choice: RedactionChoice) {
    this.choice = choice;
  }

  /** Any name; of one with a unit address (`gpu@20000000`) both parts by themselves. */
  name(text: string): string {
    const at = text.indexOf("@");
    if (at === -1) return this.word(text);
    return `${this.word(text.slice(0, at))}@${this.#unit(text.slice(at + 1))}`;
  }

  word(text: string): string {
    return this.choice.names ? this.#words.of(text) : text;
  }

  /** A text that may be a name: only one that was met as such has a stand-in. */
  knownName(text: string): string {
    return (this.choice.names ? this.#words.known(text) : undefined) ?? text;
  }

  /** A device-tree path, node by node. */
  path(text: string): string {
    return text
      .split("/")
      .map((name) => this.name(name))
      .join("/");
  }

  /** A domain as somebody names it. */
  domain(text: string): string {
    return UUID.test(text) ? this.uuid(text) : this.name(text);
  }

  uuid(text: string): string {
    if (!this.choice.names || text === DOM0_UUID) return text;
    const key = text.toLowerCase();
    const known = this.#uuids.get(key);
    if (known !== undefined) return known;
    const standIn = `00000000-0000-4000-8000-${(this.#uuids.size + 1).toString(16).padStart(12, "0")}`;
    this.#uuids.set(key, standIn);
    return standIn;
  }

  /** Places addresses that belong together, so that their order stays. */
  place(addresses: readonly number[]): void {
    this.#addresses.place(addresses.map(BigInt));
  }

  address(value: number): number {
    return Number(this.wideAddress(BigInt(value)));
  }

  wideAddress(value: bigint): bigint {
    return this.choice.addresses ? this.#addresses.of(value) : value;
  }

  /** x1..x7 of an SMC: no rule looks at them. */
  register(value: bigint): bigint {
    return this.choice.addresses ? this.#addresses.ofRegister(value) : value;
  }

  /** Whoever asked. */
  actor(text: string): string {
    return !this.choice.names || OWN_ACTORS.has(text) ? text : this.word(text);
  }

  /** A network address. */
  networkAddress(text: string): string {
    return this.choice.addresses ? this.#numberedOf("client", text) : text;
  }

  /** A text for people, whole: `reason-1`. */
  freeText(kind: "reason" | "request" | "text", text: string): string {
    return this.choice.names ? this.#numberedOf(kind, text) : text;
  }

  /** Bytes in which known names are replaced where they stand as text. */
  bytes(bytes: Uint8Array): Uint8Array {
    if (!this.choice.names || !hasText(bytes)) return bytes;
    return bytesOfText(this.#words.within(textOfBytes(bytes)));
  }

  /** Bytes in which everything that looks like a name is replaced, known or not. */
  allText(bytes: Uint8Array): Uint8Array {
    if (!this.choice.names || !hasText(bytes)) return bytes;
    return bytesOfText(textOfBytes(bytes).replace(/[\x21-\x7e]{2,}/g, (word) => this.word(word)));
  }

  /**
   * Whether the program itself gave something that stands for the original, such as the uuid that it derives; it is known from then on.
   */
  learns(original: string, standIn: string): boolean {
    const known = UUID.test(original) ? this.#uuids.get(original) : this.#words.known(original);
    if (known !== undefined || original === standIn) return (known ?? original) === standIn;
    if (!this.choice.names) return false;
    if (UUID.test(original)) this.#uuids.set(original, standIn);
    else this.#words.learn(original, standIn);
    return true;
  }

  /** All that was replaced: for whoever gave the pack away, never in it. */
  map(): StandInMap {
    const addresses = [...this.#addresses.entries()].map(
      ([original, standIn]) => [`0x${original.toString(16)}`, `0x${standIn.toString(16)}`] as const,
    );
    const kinds: readonly (readonly [string, Iterable<readonly [string, string]>])[] = [
      ["names", this.#words.entries()],
      ["uuids", this.#uuids],
      ["addresses", addresses],
      ["units", this.#units],
      ...this.#numbered,
    ];
    return Object.fromEntries(kinds.map(([kind, entries]) => [kind, Object.fromEntries(entries)]));
  }

  /** A unit address: that of its address where it has one of the same length, otherwise a number by itself. */
  #unit(text: string): string {
    if (!/^[0-9a-f]+$/i.test(text)) return this.word(text);
    if (!this.choice.addresses || text.length <= UNIT_DIGITS_MAX) return text;
    const known = this.#units.get(text);
    if (known !== undefined) return known;
    const used = new Set(this.#units.values());
    const address = this.#addresses.of(BigInt(`0x${text}`)).toString(16);
    let standIn = address;
    for (let n = this.#units.size + 1; standIn.length !== text.length || used.has(standIn); n += 1) {
      standIn = `a${n.toString(16).padStart(text.length - 1, "0")}`;
      if (standIn.length > text.length && !used.has(standIn)) break;
    }
    this.#units.set(text, standIn);
    return standIn;
  }

  #numberedOf(kind: string, text: string): string {
    if (text === "") return text;
    const known = this.#numbered.get(kind) ?? new Map<string, string>();
    this.#numbered.set(kind, known);
    const standIn = known.get(text) ?? `${kind}-${known.size + 1}`;
    known.set(text, standIn);
    return standIn;
  }
}

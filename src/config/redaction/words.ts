import { foldCase } from "../xen/fold-case.ts";
import { textOfBytes } from "./byte-text.ts";

/** What a rule looks for by its very name, case ignored: nodes of the device tree, and the domain that is always there. */
const KEPT: ReadonlySet<string> = new Set([
  "chosen",
  "firmware",
  "scmi",
  "xen,config",
  "passthrough",
  "aliases",
  "domain-0",
  "(unnamed)",
]);

/** Fewest characters of a name that is looked for inside of other bytes: shorter ones are found everywhere. */
const FOUND_CHARS_MIN = 3;

const ROOM_FOR_NAME = 7;
const ROOM_FOR_NUMBER = 4;

const encoder = new TextEncoder();

/** What finds words, and what each is replaced by. */
interface Finder {
  readonly pattern: RegExp;
  readonly standIns: ReadonlyMap<string, string>;
}

/**
 * Stand-ins for words: the same word always has the same one, two words never share one, and it is as long as the word in bytes of
 * UTF-8, because lengths decide what fits into a message. Words that differ in case alone differ in case alone again, for device-tree
 * paths are compared without it.
 */
export class Words {
  readonly #standIns = new Map<string, string>();
  readonly #used = new Set<string>();
  /** By case-folded word, the stand-ins of its spellings. */
  readonly #spellings = new Map<string, string[]>();
  /** How many stand-ins of each length there are. */
  readonly #counts = new Map<number, number>();
  /** Finds known words in a text; null: a word came since. */
  #finder: Finder | null = null;

  /** The stand-in of a word, made when it is first met. */
  of(word: string): string {
    if (word === "" || KEPT.has(foldCase(word))) return word;
    const known = this.#standIns.get(word);
    if (known !== undefined) return known;
    const spellings = this.#spellings.get(foldCase(word)) ?? [];
    const standIn = spellings.length === 0 ? this.#fresh(word) : this.#respelt(spellings, word);
    this.#spellings.set(foldCase(word), [...spellings, standIn]);
    this.learn(word, standIn);
    return standIn;
  }

  /** A stand-in that was made elsewhere, such as by a rule out of other stand-ins. */
  learn(word: string, standIn: string): void {
    this.#standIns.set(word, standIn);
    this.#used.add(standIn);
    this.#finder = null;
  }

  known(word: string): string | undefined {
    return this.#standIns.get(word);
  }

  /** Every word with its stand-in, in the order in which they were met. */
  entries(): ReadonlyMap<string, string> {
    return this.#standIns;
  }

  /**
   * A text in which every known word is replaced, wherever it stands in it; of two that begin alike the longer one. Words are found as
   * bytes of UTF-8 too, each of which stands as a character.
   */
  within(text: string): string {
    this.#finder ??= this.#makeFinder();
    const { pattern, standIns } = this.#finder;
    return text.replace(pattern, (word) => standIns.get(word) ?? word);
  }

  #makeFinder(): Finder {
    const standIns = new Map<string, string>();
    for (const [word, standIn] of this.#standIns) {
      if (word.length < FOUND_CHARS_MIN) continue;
      standIns.set(word, standIn);
      standIns.set(textOfBytes(encoder.encode(word)), standIn);
    }
    const words = [...standIns.keys()]
      .sort((a, b) => b.length - a.length)
      .map((word) => word.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&"));
    return { pattern: new RegExp(words.length === 0 ? "(?!)" : words.join("|"), "g"), standIns };
  }

  /** Another spelling of a word that has a stand-in: its letters in another case. */
  #respelt(spellings: readonly string[], word: string): string {
    const [first = ""] = spellings;
    const letters = [...first].filter((character) => /[a-z]/.test(character)).length;
    for (let bits = 1; bits < 2 ** Math.min(letters, 20); bits += 1) {
      const standIn = withCase(first, bits);
      if (!this.#used.has(standIn)) return standIn;
    }
    return this.#fresh(word);
  }

  #fresh(word: string): string {
    const bytes = encoder.encode(word).length;
    for (let count = (this.#counts.get(bytes) ?? 0) + 1; ; count += 1) {
      this.#counts.set(bytes, count);
      const standIn = spelt(count, bytes);
      if (!this.#used.has(standIn) && !this.#standIns.has(standIn) && !KEPT.has(standIn)) return standIn;
    }
  }
}

/** `name0012`, as long as it shall be: `n012` or `abc` where there is little room, and longer only where there is none left. */
function spelt(count: number, bytes: number): string {
  if (bytes >= ROOM_FOR_NAME) return `name${String(count).padStart(bytes - 4, "0")}`;
  if (bytes >= ROOM_FOR_NUMBER) return `n${count.toString(36).padStart(bytes - 1, "0")}`;
  let text = "";
  for (let left = count - 1; text.length < bytes || left > 0; left = Math.floor(left / 26)) {
    text = String.fromCharCode(0x61 + (left % 26)) + text;
  }
  return text;
}

/** The letters whose bit is set in capitals. */
function withCase(text: string, bits: number): string {
  let at = -1;
  return text.replace(/[a-z]/g, (letter) => {
    at += 1;
    return at < 20 && (bits & (1 << at)) !== 0 ? letter.toUpperCase() : letter;
  });
}

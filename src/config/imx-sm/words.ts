/** A word of a line: `secure`, or `name="AP-S"`. */
export interface Word {
  readonly name: string;
  /** What stands behind `=`, without quotes; null: there is none. */
  readonly value: string | null;
}

/** The words of a line. Blanks and commas part them, but inside of quotes. */
export function wordsOf(text: string): Word[] {
  return [...text.matchAll(/(?:[^\s,"]|"[^"]*"?)+/g)].map(([word]) => {
    const at = word.indexOf("=");
    if (at === -1) return { name: word, value: null };
    return { name: word.slice(0, at), value: word.slice(at + 1).replaceAll('"', "") };
  });
}

/** The first value of a key, or null: it is not there, or has none. */
export function keyValue(words: readonly Word[], key: string): string | null {
  return words.find(({ name, value }) => name === key && value !== null)?.value ?? null;
}

/** The name and the value of a line that defines something, or null. */
export function definitionIn(text: string): { readonly name: string; readonly value: string } | null {
  const [, name, value] = /^(\w+):(?:[\s,]+(.*))?$/s.exec(text) ?? [];
  return name === undefined ? null : { name, value: value ?? "" };
}

/** A whole number in decimal or hexadecimal, or null. */
export function wholeOf(text: string | null): number | null {
  return text !== null && /^(0[xX][0-9a-fA-F]{1,13}|\d{1,15})$/.test(text) ? Number(text) : null;
}

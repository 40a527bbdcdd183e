/** What was typed, in a message: it goes to no terminal as it is, and not at any length. */
export function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 100));
}

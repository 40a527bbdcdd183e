/** The text with A to Z lowered and nothing else touched, as strcasecmp compares in the C locale. */
export function foldCase(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** The line of a YAML or JSON text at which a key first occurs, from 1; null where it is not written. */
export function keyLine(text: string, key: string): number | null {
  const at = text.search(new RegExp(`(^|[\\s{,"'])${key}["']?\\s*:`, "m"));
  if (at === -1) return null;
  const start = text.indexOf(key, at);
  return text.slice(0, start).split("\n").length;
}

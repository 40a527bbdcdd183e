/** A label before a node, a property or a cell. */
const LABEL = /(?:^|[\s<[])([A-Za-z_]\w*):(?= )/g;

/**
 * Whether a label may stand at two places of a source that dtc wrote. It only may: a text of a property can look like a label,
 * so that dtc itself has to be asked.
 */
export function mayRepeatLabels(written: string): boolean {
  const seen = new Set<string>();
  for (const [, label = ""] of written.matchAll(LABEL)) {
    if (seen.has(label)) return true;
    seen.add(label);
  }
  return false;
}

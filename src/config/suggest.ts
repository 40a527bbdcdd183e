/**
 * The known name that somebody may have meant by `name`, or null: the nearest by edits, at most one in three characters off.
 * Case, dashes and underscores count for nothing.
 */
export function suggest(name: string, known: readonly string[]): string | null {
  const wanted = plain(name);
  if (wanted.length > LENGTH_MAX) return null;
  let best: string | null = null;
  let bestDistance = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(wanted, plain(candidate));
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Nobody's typing error is longer; and the distance costs the product of both lengths. */
const LENGTH_MAX = 64;

function plain(name: string): string {
  return name.toLowerCase().replace(/[-_ ]/g, "");
}

/** Edits from one to the other: insertions, deletions, replacements, and neighbours that changed places, each 1. */
function editDistance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  const cell = (i: number, j: number): number => rows[i]?.[j] ?? 0;
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = cell(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(
        Math.min(
          replaced,
          cell(i - 1, j) + 1,
          cell(i, j - 1) + 1,
          swapped ? cell(i - 2, j - 2) + 1 : Infinity,
        ),
      );
    }
  }
  return cell(a.length, b.length);
}

/** A table in Markdown, its columns lined up. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(" | ")} |`;
  return [line(head), `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`, ...rows.map(line)];
}

/** Parameters whose every field prints its own name, so that a detail prints as a template. */
export const placeholders: object = new Proxy(
  {},
  {
    get: (_target, name) => {
      const text = `\`<${String(name)}>\``;
      return { toString: () => text, join: () => text };
    },
  },
);

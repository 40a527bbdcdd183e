import fc from "fast-check";
import { expect, test } from "vitest";
import { readLines, type ScriptLine } from "#simulate/lines.ts";

async function linesOf(chunks: readonly string[]): Promise<ScriptLine[]> {
  const lines: ScriptLine[] = [];
  async function* stream() {
    yield* chunks;
  }
  for await (const line of readLines(stream())) lines.push(line);
  return lines;
}

test("lines are the same however the stream is cut", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.string({ unit: fc.constantFrom("a", "\n", "é", "\r") })), async (chunks) => {
      const whole = chunks.join("");
      const expected = whole.split("\n");
      if (expected.at(-1) === "") expected.pop();
      expect(await linesOf(chunks)).toEqual(expected);
    }),
  );
});

test("a line that is too long is given as null, and the next is whole", async () => {
  const piece = "x".repeat(1024 * 1024);
  const chunks = [
    ...Array.from({ length: 17 }, () => piece),
    `${piece}\nnext\n`,
    ...Array.from({ length: 17 }, () => piece),
  ];
  expect(await linesOf(chunks)).toEqual([null, "next", null]);
});

/** Files that are given for a trace by mistake: how they begin, and what to do with them. */
const KINDS: readonly (readonly [begins: readonly number[], what: string])[] = [
  [
    [0x17, 0x08, 0x44, 0x74, 0x72, 0x61, 0x63],
    "it is what trace-cmd records; give what trace-cmd report prints of it",
  ],
  [[0x1f, 0x8b], "it is compressed; unpack it first, with gzip -d"],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a], "it is compressed; unpack it first, with xz -d"],
  [[0x28, 0xb5, 0x2f, 0xfd], "it is compressed; unpack it first, with zstd -d"],
  [[0x42, 0x5a, 0x68], "it is compressed; unpack it first, with bzip2 -d"],
  [[0xff, 0xfe], "it is UTF-16, and UTF-8 is read; iconv -f UTF-16 -t UTF-8 makes it that"],
  [[0xfe, 0xff], "it is UTF-16, and UTF-8 is read; iconv -f UTF-16 -t UTF-8 makes it that"],
  [[0x53, 0x51, 0x4c, 0x69, 0x74, 0x65, 0x20], "it is a log already"],
];

/**
 * What a file is that holds no lines of a trace, by its first bytes, and what to do with it; null: nobody knows.
 *
 * @param head of the file, as many bytes as there are at hand
 */
export function insteadOfText(head: Uint8Array): string | null {
  return KINDS.find(([begins]) => begins.every((byte, i) => head[i] === byte))?.[1] ?? null;
}

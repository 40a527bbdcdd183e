import { hexWord } from "#base/hex.ts";
import { CHANNEL_ERROR, CHANNEL_FREE, PAGE_BYTES, SHMEM } from "#scmi/shmem.ts";
import { PIECE_BYTES } from "../state/memory.ts";
import type { MachineState } from "../state/state.ts";
import type { Who } from "./who.ts";

/** A page of memory that has other bytes: the sentence, and the addresses of its pieces that are others. */
export interface ChangedPage {
  readonly text: string;
  readonly pieces: readonly number[];
}

/** Pages in which two states differ, by address, in words. */
export function pageWords(before: MachineState, after: MachineState, who: Who): ChangedPage[] {
  const owners = new Map<number, number>();
  for (const state of [before, after]) {
    for (const { id, shmem, p2a } of state.configuration()?.board.firmware.agents ?? []) {
      owners.set(shmem, id);
      if (typeof p2a === "number") owners.set(p2a, id);
    }
  }
  const pages = new Map<number, number[]>();
  const all = new Set([...before.memory.pieces(), ...after.memory.pieces()].map(({ piece }) => piece));
  for (const piece of [...all].sort((a, b) => a - b)) {
    if (differing(before, after, piece) === 0) continue;
    const page = Math.floor((piece * PIECE_BYTES) / PAGE_BYTES) * PAGE_BYTES;
    pages.set(page, [...(pages.get(page) ?? []), piece]);
  }
  return [...pages].map(([page, pieces]) => {
    const bytes = pieces.reduce((sum, piece) => sum + differing(before, after, piece), 0);
    const agentId = owners.get(page);
    const owner = agentId === undefined ? "" : ` of ${who.agent(agentId)}`;
    const channel = agentId === undefined ? "" : channelText(before, after, page);
    const text = `the page${owner} at ${hexWord(page)}: ${bytes} ${bytes === 1 ? "byte" : "bytes"} changed${channel}`;
    return { text, pieces: pieces.map((piece) => piece * PIECE_BYTES) };
  });
}

/** How many bytes of a piece are others. */
function differing(before: MachineState, after: MachineState, piece: number): number {
  const [was, is] = [before.memory.piece(piece), after.memory.piece(piece)];
  let bytes = 0;
  for (let i = 0; i < PIECE_BYTES / 4; i += 1) {
    const difference = ((was?.[i] ?? 0) ^ (is?.[i] ?? 0)) >>> 0;
    for (let shift = 0; shift < 32; shift += 8) if (((difference >>> shift) & 0xff) !== 0) bytes += 1;
  }
  return bytes;
}

/** What became of the channel in a page, where that is another. */
function channelText(before: MachineState, after: MachineState, page: number): string {
  const [was, is] = [before, after].map((state) => statusText(statusIn(state, page)));
  return was === is ? "" : `, and the channel went from ${was} to ${is}`;
}

function statusIn({ memory }: MachineState, page: number): number | null {
  const words = memory.piece(page / PIECE_BYTES);
  if (words === null) return null;
  const bytes = new DataView(words.buffer, words.byteOffset, words.byteLength);
  return bytes.getUint32(SHMEM.CHANNEL_STATUS, true);
}

/** A page that nobody wrote is empty, not busy. */
function statusText(status: number | null): string {
  if (status === null) return "empty";
  const isFree = (status & CHANNEL_FREE) !== 0;
  const hasError = (status & CHANNEL_ERROR) !== 0;
  return hasError ? `${isFree ? "free" : "busy"} with an error` : isFree ? "free" : "busy";
}

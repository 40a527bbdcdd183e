import { expect } from "vitest";
import { SHMEM } from "#scmi/shmem.ts";
import { type TestFirmware, words } from "./firmware.ts";

/** A caller, then length, header and payload of the request, then length and payload of the response, all hex words. */
export type Frame = readonly [row: string, caller: number, request: string, response: string];

/** Writes a request's words, rings, and answers length and payload from the page itself. */
export function exchange(firmware: TestFirmware, caller: number, request: string): string {
  const [length = 0, header = 0, ...payload] = request.split(" ").map((word) => Number.parseInt(word, 16));
  const { xOut, response } = firmware.send(caller, { length, header, payload });
  expect(xOut[0]).toBe(0n);
  expect(response).toMatchObject({ channelStatus: 1, header });
  const { bytes } = firmware.page(caller);
  const [status, , , , lengthOut = 0, headerOut] = words(bytes.subarray(4, SHMEM.PAYLOAD));
  expect([status, headerOut]).toEqual([1, header]);
  expect(response?.length).toBe(lengthOut);
  expect(response?.payload).toEqual(bytes.slice(SHMEM.PAYLOAD, SHMEM.PAYLOAD + lengthOut - 4));
  return [lengthOut, ...words(bytes.slice(SHMEM.PAYLOAD, SHMEM.PAYLOAD + lengthOut - 4))].map(hex).join(" ");
}

function hex(word: number): string {
  return word.toString(16).toUpperCase().padStart(8, "0");
}

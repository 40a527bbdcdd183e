import { afterAll, beforeAll, expect, test } from "vitest";
import { filesOf } from "../support/evidence.ts";
import { RestHost, whole } from "../support/rest.ts";

const EVENTS = 6_000;
const REQUESTER = { actor: "test", source: "rest", reason: null, request: null } as const;
const RING = { x: ["0x82000002", "0x0"] };

let host: RestHost;

/** A boot with many SMCs: evidence about its end is all of them. */
beforeAll(async () => {
  host = await RestHost.start();
  const x = [0x8200_0002n, 0n, 0n, 0n, 0n, 0n, 0n, 0n];
  while (host.control.headSeq < EVENTS) {
    const rings = Array.from({ length: 500 }, () =>
      host.control.submit({ kind: "smc", domain: 0, x, shmem: null }, REQUESTER),
    );
    for (const done of await Promise.all(rings)) whole(done);
  }
});
afterAll(() => host.end());

test("while a server makes a large bundle, it goes on answering SMCs", async () => {
  let isDone = false;
  const asked = fetch(`${host.url}/v1/audit/bundle?question=use`).then(async (response) => {
    const bytes = new Uint8Array(await response.arrayBuffer());
    isDone = true;
    return { status: response.status, bytes };
  });
  const beganMs = performance.now();
  let lastMs = beganMs;
  let longestMs = 0;
  while (!isDone) {
    const { status } = await host.post("/v1/domains/0/smc", RING);
    expect(status).toBe(200);
    const nowMs = performance.now();
    longestMs = Math.max(longestMs, nowMs - lastMs);
    lastMs = nowMs;
  }
  const { status, bytes } = await asked;
  expect(status).toBe(200);
  expect(filesOf(bytes).get("entries.bin")?.length).toBeGreaterThan(EVENTS * 100);
  // Made between two turns of the event loop, nearly all of the time would be one silence.
  expect(longestMs).toBeLessThan((performance.now() - beganMs) / 2);
});

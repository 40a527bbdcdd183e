import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { leafHash, perfectRoot } from "#audit/merkle/hash.ts";
import { verifyConsistency, verifyInclusion } from "#audit/merkle/proofs.ts";
import { openCheckpoint } from "#audit/note/checkpoint.ts";
import { parseVerifierKey } from "#audit/note/keys.ts";
import { parseTlogProof } from "#audit/note/tlog-proof.ts";
import { readBundle } from "#audit/tiles/bundle.ts";
import { fromHex, toHex } from "#base/hex.ts";
import { RestHost, whole } from "../support/rest.ts";

let host: RestHost;

beforeAll(async () => {
  host = await RestHost.start();
  for (let i = 0; i < 130; i += 1) await host.post("/v1/agents/2/reset", { permissions: true });
});
afterAll(() => host.end());

const hash = (text: string): Uint8Array => fromHex(text) as Uint8Array;

/** Fetches bytes as they are sent. */
async function bytes(
  path: string,
): Promise<{ status: number; type: string; caching: string; bytes: Buffer }> {
  const response = await fetch(host.url + path);
  return {
    status: response.status,
    type: response.headers.get("content-type") ?? "",
    caching: response.headers.get("cache-control") ?? "",
    bytes: Buffer.from(await response.arrayBuffer()),
  };
}

async function checkpoint() {
  const { body } = await host.get("/v1/audit");
  const keys = body.keys.map(({ vkey }: { vkey: string }) => whole(parseVerifierKey(vkey)));
  const note = await host.get("/tlog/checkpoint");
  return { state: body, note, signed: whole(openCheckpoint(note.body, keys)) };
}

test("the checkpoint is signed by the key that the log names, and is over all events", async () => {
  // One that was signed within the second is given again.
  await expect
    .poll(async () => (await checkpoint()).state.size, { timeout: 5000 })
    .toBe(host.control.headSeq);
  const { state, note, signed } = await checkpoint();
  expect(note.headers["content-type"]).toBe("text/plain; charset=utf-8");
  expect(note.headers["cache-control"]).toBe("public, max-age=1");
  expect(signed.checkpoint).toMatchObject({ origin: state.origin, size: host.control.headSeq });
  expect(state).toMatchObject({ size: signed.checkpoint.size, rootHash: toHex(signed.checkpoint.root) });
});

test("events are proved, each by one file too", async () => {
  for (const seq of [1, 2, 255, 256, 257]) {
    const { body } = await host.get(`/v1/audit/proof?seq=${seq}`);
    const leaf = leafHash(hash(body.entry));
    expect(toHex(leaf)).toBe(body.leafHash);
    expect(verifyInclusion(leaf, body.index, body.size, body.proof.map(hash), hash(body.rootHash))).toBe(
      true,
    );
    const file = whole(parseTlogProof(body.tlogProof));
    expect([file.index, toHex(file.extra as Uint8Array), file.signed.text]).toEqual([
      seq - 1,
      body.entry,
      body.checkpoint,
    ]);
  }
  const { headSeq } = host.control;
  expect(await host.get(`/v1/audit/proof?seq=${headSeq + 1}`)).toMatchObject({
    status: 404,
    body: { code: "seq-not-found" },
  });
  expect(await host.get("/v1/audit/proof?seq=0")).toMatchObject({
    status: 404,
    body: { code: "seq-not-found" },
  });
  expect((await host.get("/v1/audit/proof?seq=x")).status).toBe(400);
});

test("an event that was just recorded can be proved at once", async () => {
  const { body } = await host.post("/v1/agents/2/reset", { permissions: true });
  expect(await host.get(`/v1/audit/proof?seq=${body.seq}`)).toMatchObject({
    status: 200,
    body: { seq: body.seq },
  });
});

test("a smaller tree is a prefix of a larger one", async () => {
  for (const from of [0, 1, 100, 256, 260]) {
    const { body } = await host.get(`/v1/audit/consistency?from=${from}&to=261`);
    const before = { size: from, root: hash(body.fromRoot) };
    const after = { size: 261, root: hash(body.toRoot) };
    expect(verifyConsistency(before, after, body.proof.map(hash))).toBe(true);
  }
  for (const query of ["from=9999999", "from=10&to=9", "from=1&to=9999999"]) {
    expect(await host.get(`/v1/audit/consistency?${query}`)).toMatchObject({
      status: 404,
      body: { code: "position-out-of-range" },
    });
  }
});

describe("tiles", () => {
  test("give the root that is signed, and hold the hashes of the entries", async () => {
    const { signed } = await checkpoint();
    const { size } = signed.checkpoint;
    const full = await bytes("/tlog/tile/0/000");
    expect(full).toMatchObject({ status: 200, type: "application/octet-stream" });
    expect(full.caching).toContain("immutable");
    expect(full.bytes.length).toBe(8192);
    const upper = await bytes("/tlog/tile/1/000.p/1");
    expect(upper.bytes.equals(Buffer.from(perfectRoot(full.bytes)))).toBe(true);
    const partial = await bytes(`/tlog/tile/0/001.p/${size - 256}`);
    expect(partial.bytes.length).toBe(32 * (size - 256));

    const entries = readBundle((await bytes("/tlog/tile/entries/000")).bytes) ?? [];
    expect(entries).toHaveLength(256);
    expect(Buffer.concat(entries.map(leafHash)).equals(full.bytes)).toBe(true);
    const last = readBundle((await bytes(`/tlog/tile/entries/001.p/${size - 256}`)).bytes) ?? [];
    expect(Buffer.concat(last.map(leafHash)).equals(partial.bytes)).toBe(true);
  });

  test.each([
    "/tlog/tile/0/001",
    "/tlog/tile/0/001.p/255",
    "/tlog/tile/2/000.p/1",
    "/tlog/tile/0/0",
    "/tlog/tile/64/000",
    "/tlog/tile/entries/002.p/1",
    "/tlog/tile/0/x000/000",
    "/tlog/tile/",
    "/tlog/tile/0/000.p/256",
  ])("%s is none", async (path) => {
    expect(await host.get(path)).toMatchObject({ status: 404, body: { code: "tile-not-found" } });
  });
});

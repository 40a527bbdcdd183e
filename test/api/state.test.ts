import jsonPatch from "fast-json-patch";
import { afterAll, beforeAll, expect, test } from "vitest";
import { VERSION } from "#cli/version.ts";
import { RestHost } from "../support/rest.ts";
import { scmictl } from "../support/scmictl.ts";

let host: RestHost;
beforeAll(async () => {
  host = await RestHost.start();
  await host.guest("red", 2, ["/soc/gpu@20000000"]);
  await host.post("/v1/domains/red/scmi", {
    protocol: "clock",
    message: "CLOCK_RATE_SET",
    params: { flags: 0, clockId: 1, rate: 500_000_000 },
  });
});
afterAll(() => host.end());

test("the state now is the machine's, and its digest the host's", async () => {
  const { status, body } = await host.get("/v1/state");
  expect(status).toBe(200);
  expect(body).toMatchObject({ at: host.control.headSeq, stateHash: host.control.stateHash });
  expect(Object.keys(body.state).length).toBeGreaterThan(3);
});

test("a moment's state is found by seq and by time, and by neither behind the log", async () => {
  const { time } = (await host.get("/v1/events/12")).body;
  const bySeq = (await host.get("/v1/state?at=11")).body;
  expect(bySeq.at).toBe(11);
  expect(bySeq.stateHash).not.toBe(host.control.stateHash);
  const byTime = (await host.get(`/v1/state?at=${time}`)).body;
  expect(byTime.at).toBeGreaterThan(11);
  expect((await host.get("/v1/state?at=0")).body).toMatchObject({ at: 0 });
  expect(await host.get("/v1/state?at=999999")).toMatchObject({
    status: 404,
    body: { code: "position-out-of-range" },
  });
  expect((await host.get("/v1/state?at=")).status).toBe(400);
});

test("a diff applied to one moment gives the other", async () => {
  const before = (await host.get("/v1/state?at=11")).body.state;
  const after = (await host.get("/v1/state")).body.state;
  const { body } = await host.get(`/v1/state/diff?from=11&to=${host.control.headSeq}`);
  expect(body).toMatchObject({ from: 11, to: host.control.headSeq });
  expect(body.patch.length).toBeGreaterThan(0);
  expect(jsonPatch.applyPatch(before, body.patch).newDocument).toEqual(after);
  expect(body.words.length).toBeGreaterThan(0);
  const nothing = (await host.get("/v1/state/diff?from=11&to=11")).body;
  expect([nothing.patch, nothing.words]).toEqual([[], []]);
  expect((await host.get("/v1/state/diff?from=1")).body.code).toBe("request-invalid");
});

test("the log verifies, to the state that it says", async () => {
  const { status, body } = await host.post("/v1/replay");
  expect(status).toBe(200);
  expect(body).toMatchObject({
    events: host.control.headSeq,
    divergences: [],
    divergenceCount: 0,
    cause: null,
    next: null,
    stateHash: host.control.stateHash,
    liveStateHash: host.control.stateHash,
  });
  expect((await host.post("/v1/replay", { from: 12, to: 13 })).body.divergences).toEqual([]);
  expect(await host.post("/v1/replay", { to: 999999 })).toMatchObject({ status: 404 });
  expect(await host.post("/v1/replay", { from: 0 })).toMatchObject({ status: 400 });
});

test("an event that was altered is a divergence at its seq, with its cause, told alike over REST and of a file", async () => {
  const altered = await RestHost.start({ program: VERSION });
  await altered.guest("red", 2);
  const { body } = await altered.post("/v1/domains/red/smc", { x: ["0x82000004"] });
  altered.control.exclusively((db) => {
    db.exec("DROP TRIGGER events_are_never_updated");
    db.prepare("UPDATE events SET domid = 7 WHERE seq = ?").run(body.seq);
  });
  const report = (await altered.post("/v1/replay")).body;
  expect(report.divergences[0]).toMatchObject({ seq: body.seq });
  expect(report).toMatchObject({
    cause: { seq: body.seq, kind: "log-edited", likely: expect.stringContaining("edited") },
    next: `scmictl audit verify --db ${altered.file}`,
  });
  const printed = await Promise.all(
    [
      ["--url", altered.url],
      ["--db", altered.file],
    ].map((where) => scmictl(["replay", ...where])),
  );
  const [overRest, ofFile] = printed.map(({ stdout }) => stdout.replace(/in \d+ ms/, ""));
  expect(overRest).toContain(`next:     scmictl audit verify --db ${altered.file}`);
  expect(overRest).toBe(ofFile);
  await altered.end();
});

test("an event that cannot be read is said to be damaged, and the others are read", async () => {
  const damaged = await RestHost.start();
  damaged.control.exclusively((db) => {
    db.exec("DROP TRIGGER events_are_never_updated");
    db.prepare("UPDATE events SET body = x'00' WHERE seq = 5").run();
  });
  expect(await damaged.get("/v1/events/5")).toMatchObject({ status: 500, body: { code: "log-damaged" } });
  expect((await damaged.get("/v1/events/6")).status).toBe(200);
  expect(await damaged.get("/v1/events")).toMatchObject({ status: 500, body: { code: "log-damaged" } });
  expect(await damaged.post("/v1/projections/rebuild")).toMatchObject({
    status: 500,
    body: { code: "log-damaged" },
  });
  expect((await damaged.get("/v1/domains")).status).toBe(200);
  await damaged.end();
});

test("a verification is given up when the server closes", async () => {
  const closing = await RestHost.start();
  const answer = closing.post("/v1/replay").catch((error) => error);
  await new Promise((resolve) => setTimeout(resolve, 20));
  const began = performance.now();
  await closing.server.close();
  expect(performance.now() - began).toBeLessThan(5000);
  const given = await answer;
  if (!(given instanceof Error)) expect([200, 503]).toContain(given.status);
  await closing.control.close();
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalJson, type Json } from "#base/canonical-json.ts";
import { encodeBody, isBodyFault, readBody } from "#events/body.ts";
import { dataJson, eventJson } from "#events/logged.ts";
import { EVENTS } from "#events/schemas.ts";
import type { EventType, MachineEvent } from "#events/types.ts";
import { openInMemory } from "#store/database.ts";
import { isDamaged, LogReader, machineEvent, segmentEvents } from "#store/log-reader.ts";
import { LogWriter } from "#store/log-writer.ts";
import { runs } from "../support/runs.ts";
import { eventOf } from "./arbitrary.ts";

const RUNS = runs(30, 5000);
const TYPES = Object.keys(EVENTS) as EventType[];
const anyEvent = fc.constantFrom(...TYPES).chain(eventOf);
const ENVELOPE = {
  timeUs: 1,
  commandId: 1,
  actor: "a",
  source: "cli",
  reason: null,
  request: null,
  program: "p",
} as const;

function decoded(bytes: Uint8Array, { seq, epoch }: { seq: number; epoch: number }): MachineEvent {
  const body = readBody(bytes);
  if (isBodyFault(body)) throw new Error(body.fault);
  return machineEvent(seq, epoch, body);
}

/** With typed arrays as plain ones: a Buffer's view is as good as any. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return [...value];
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, plain(part)]));
}

describe.each(TYPES)("the body of %s", (type) => {
  test("gives back the event that it was made of, and the same bytes again", () => {
    fc.assert(
      fc.property(eventOf(type), (event) => {
        const bytes = encodeBody(event);
        const back = decoded(bytes, event);
        expect(plain(back)).toEqual(plain(event));
        expect([...encodeBody(back)]).toEqual([...bytes]);
      }),
      { numRuns: RUNS },
    );
  });

  test("shows as JSON", () => {
    fc.assert(
      fc.property(eventOf(type), (event) => {
        const json = eventJson({ ...event, ...ENVELOPE });
        expect(() => canonicalJson(json)).not.toThrow();
        expect(JSON.parse(JSON.stringify(json))).toMatchObject({ type, seq: event.seq, commandId: 1 });
      }),
      { numRuns: RUNS },
    );
  });
});

test("a run of bodies is read one after the other, and the epoch is counted along", () => {
  fc.assert(
    fc.property(fc.array(anyEvent, { minLength: 1, maxLength: 12 }), (drafts) => {
      let epoch = 3;
      const events = drafts.map((draft, i) => {
        if (draft.type === "host.booted") epoch += 1;
        return { ...draft, seq: i + 1, epoch };
      });
      const db = openInMemory();
      new LogWriter(db).append({
        envelope: ENVELOPE,
        kind: "test",
        input: null,
        events,
        digest: new Uint8Array(32),
        ruleVersion: 1,
      });
      const read = [...segmentEvents(new LogReader(db).segment(0, 100), 3)];
      expect(read.some(isDamaged)).toBe(false);
      expect(plain(read)).toEqual(plain(events));
      // And the sqlite3 shell can read it with sense.
      const shown = db.prepare("SELECT seq, type, data FROM events_text ORDER BY seq").all();
      expect(shown).toMatchObject(events.map(({ seq, type }) => ({ seq, type, data: expect.any(String) })));
      db.close();
    }),
    { numRuns: RUNS },
  );
});

describe("bytes that are no body", () => {
  /** Whatever can be read can also be shown and written: verify does that with what it finds. */
  function survives(bytes: Uint8Array): void {
    const body = readBody(bytes);
    if (isBodyFault(body)) {
      expect(body.fault).not.toBe("");
      return;
    }
    const event = machineEvent(1, 1, body);
    const json: Json = dataJson(event);
    expect(() => canonicalJson(json)).not.toThrow();
    expect(() => encodeBody(event)).not.toThrow();
  }

  test("any bytes give an event or a fault, and never throw", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), survives), { numRuns: RUNS * 10 });
  });

  test("neither do bodies whose head is right and whose data are anything", () => {
    fc.assert(
      fc.property(fc.constantFrom(...TYPES), fc.uint8Array({ maxLength: 120 }), (type, data) => {
        const bytes = new Uint8Array(12 + data.length);
        new DataView(bytes.buffer).setUint32(0, bytes.length, true);
        bytes[4] = EVENTS[type].code;
        bytes[5] = EVENTS[type].version;
        bytes.set(data, 12);
        survives(bytes);
      }),
      { numRuns: RUNS * 20 },
    );
  });

  test("neither do bodies with a few bytes changed, cut or added", () => {
    const change = fc.tuple(fc.nat({ max: 400 }), fc.nat({ max: 255 }));
    fc.assert(
      fc.property(
        anyEvent,
        fc.array(change, { maxLength: 4 }),
        fc.nat({ max: 400 }),
        (event, changes, end) => {
          const bytes = encodeBody(event).slice();
          for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
          survives(bytes);
          survives(bytes.subarray(0, end));
          survives(Uint8Array.from([...bytes, 0]));
        },
      ),
      { numRuns: RUNS * 10 },
    );
  });

  test.each<[string, number[], string]>([
    ["nothing", [], "shorter than the head"],
    ["a length beyond the end", [99, 0, 0, 0, 2, 1, 0, 0, 0, 0, 0, 0], "does not fit"],
    ["a length of less than the head", [5, 0, 0, 0, 2, 1, 0, 0, 0, 0, 0, 0], "does not fit"],
    ["a type that there is not", [12, 0, 0, 0, 99, 1, 0, 0, 0, 0, 0, 0], "unknown event type 99"],
    ["a version that there is not yet", [12, 0, 0, 0, 2, 9, 0, 0, 0, 0, 0, 0], "host.booted of version 9"],
    ["no data", [12, 0, 0, 0, 2, 1, 0, 0, 0, 0, 0, 0], "do not fit host.booted"],
  ])("%s: a fault that says so", (_, bytes, fault) => {
    expect(readBody(Uint8Array.from(bytes))).toEqual({ fault: expect.stringContaining(fault) });
  });
});

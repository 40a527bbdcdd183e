import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isProblem } from "#base/problem.ts";
import { type Board, PROFILES } from "#config/board/board.ts";
import { parseBoard } from "#config/board/file.ts";
import { boardText } from "#config/draft/write.ts";
import type { ScmiObserved } from "#events/observed.ts";
import { commandsOf, PROTOCOLS } from "#scmi/registry.ts";
import { BoardFacts } from "#traces/derive/facts.ts";
import { derivedBoard } from "#traces/derive/to-board.ts";
import { word } from "../support/kernel-trace.ts";

type Answer = readonly [
  protocolId: number,
  messageId: number,
  request: string,
  response: string,
  status?: number,
];

function factsOf(answers: readonly Answer[], agentId: number | null = null): BoardFacts {
  const facts = new BoardFacts();
  for (const [protocolId, messageId, request, response, status = 0] of answers) {
    const observed: ScmiObserved = {
      ...{
        trace: 1,
        line: 1,
        timeUs: null,
        endTimeUs: null,
        kind: "exchange",
        protocolId,
        messageId,
        token: 0,
      },
      ...{
        instance: null,
        channel: null,
        task: null,
        request,
        status,
        response,
        outcome: "answered",
        errno: null,
      },
    };
    facts.take(agentId, observed);
  }
  return facts;
}

/** The board that these answers imply, as its file is read, and the file. */
function derived(facts: BoardFacts, profile: Board["firmware"]["profile"] = "v32") {
  const made = derivedBoard(facts, profile, { name: null, agentId: null, deviceTree: null });
  if (typeof made === "string") throw new Error(made);
  const text = boardText(made.draft, ["test"]);
  const board = parseBoard(text, "derived");
  if (isProblem(board)) throw new Error(`${board.detail}\n${text}`);
  return { board, notes: made.draft.notes.map(({ message }) => message), ...made };
}

const name = (text: string) => Buffer.from(text.padEnd(16, "\0")).toString("hex");

describe("what does not fit together in a trace", () => {
  test("a clock that runs at a rate which it does not describe starts with the first, and that is noted", () => {
    const { board, notes } = derived(
      factsOf([
        [0x14, 1, "", word(1)],
        [0x14, 3, word(0), word(1) + name("uart")],
        [0x14, 4, word(0) + word(0), word(2) + word(1000) + word(0) + word(2000) + word(0)],
        [0x14, 6, word(0), word(1500) + word(0)],
      ]),
    );
    expect(board.firmware.clocks).toMatchObject([
      { id: 0, name: "uart", rates: [1000, 2000], rate: 1000, enabled: true },
    ]);
    expect(notes).toEqual([
      expect.stringMatching(/^clock 0: its rate in the trace cannot be in a board file, and is left out: /),
    ]);
  });

  test("lists that come in pieces are put together, and a piece out of place is passed over", () => {
    const piece = (at: number, left: number, ...rates: number[]): Answer => [
      ...([0x14, 4, word(7) + word(at)] as const),
      word(rates.length | (left << 16)) + rates.map((rate) => word(rate) + word(0)).join(""),
    ];
    const { board } = derived(
      factsOf([piece(0, 2, 10, 20), piece(5, 0, 99), piece(2, 0, 30, 40), piece(0, 2, 10, 20)]),
    );
    expect(board.firmware.clocks).toMatchObject([{ id: 7, rates: [10, 20, 30, 40], rate: 10 }]);
  });

  test("an id that counts and is NOT_FOUND is absent; ids beyond the count are nobody's", () => {
    const { board } = derived(
      factsOf([
        [0x11, 1, "", word(3) + word(0) + word(0) + word(0)],
        [0x11, 3, word(1), "", -4],
        [0x11, 3, word(8), "", -4],
        [0x11, 3, word(2), word(0) + name("gpu")],
      ]),
    );
    expect(board.firmware.powerDomains).toMatchObject([
      { id: 0, name: "power-0" },
      { id: 1, absent: true },
      { id: 2, name: "gpu" },
    ]);
  });

  test("names are made printable, and an agent beyond what a board can have is refused", () => {
    const { board } = derived(factsOf([[0x10, 3, "", name("Ärger\u0007")]]));
    expect(board.firmware.vendor).toBe("?rger?");
    const made = derivedBoard(factsOf([[0x10, 0, "", word(0x2_0000)]], 300), "v32", {
      name: null,
      agentId: null,
      deviceTree: null,
    });
    expect(made).toBe("agent 300 cannot be on a board: ids go up to 254");
  });
});

/** Answers with whatever a damaged trace may say: known commands, any bytes. */
const anyAnswer: fc.Arbitrary<Answer> = fc
  .tuple(
    fc.constantFrom(
      ...PROTOCOLS.flatMap((protocol) =>
        commandsOf(protocol).map(({ id }) => [protocol.protocolId, id] as const),
      ),
    ),
    fc.tuple(fc.nat(4), fc.oneof(fc.nat(3), fc.nat(0xffff_ffff))).map(([a, b]) => word(a) + word(b)),
    fc
      .array(fc.oneof(fc.nat(5), fc.nat(0x2_0003), fc.nat(0xffff_ffff)), { maxLength: 12 })
      .map((words) => words.map(word).join("")),
    fc.constantFrom(0, 0, 0, 0, -1, -3, -4),
  )
  .map(([[protocol, message], request, response, status]) => [protocol, message, request, response, status]);

test("whatever a trace says, what is derived of it is a board file", () => {
  fc.assert(
    fc.property(
      fc.array(anyAnswer, { minLength: 1, maxLength: 40 }),
      fc.constantFrom(...PROFILES),
      (answers, profile) => {
        const { board } = derived(factsOf(answers, 2), profile);
        expect(board.firmware.agents.map(({ id }) => id)).toContain(2);
      },
    ),
    { numRuns: 60 },
  );
});

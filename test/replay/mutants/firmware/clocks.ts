import type { Board } from "#config/board/board.ts";
import { type Message, type Mutant, message, profiled } from "../mutant.ts";

/** A u64 of a request, from a word on. */
function u64({ words }: Message, at: number): number {
  return (words[at] ?? 0) + 2 ** 32 * (words[at + 1] ?? 0);
}

function clockOf({ firmware }: Board, id: number | undefined) {
  return firmware.clocks.find((clock) => clock.id === id);
}

/** Profiles whose clocks are everybody's. */
const common = profiled("v32", "ref", "ref-rpi5");

/** Of these, who ignore flags. */
const lenient = profiled("ref", "ref-rpi5");

/** Rules of clocks. */
export const FIRMWARE_CLOCKS: readonly Mutant[] = [
  {
    rule: "A clock with a list of rates takes no other.",
    file: "src/firmware/protocols/clock.ts",
    before: "if (range === null) return (rates ?? [rate]).includes(hz);",
    after: "if (range === null) return hz > 0;",
    hosts: lenient,
    decides: message("CLOCK_RATE_SET", (found, { board }) => {
      const clock = clockOf(board, found.words[1]);
      const rate = u64(found, 2);
      return (
        found.status === "INVALID_PARAMETERS" &&
        clock?.rates != null &&
        !clock.fixed &&
        rate > 0 &&
        rate <= Number.MAX_SAFE_INTEGER &&
        !clock.rates.includes(rate)
      );
    }),
    path: "data.response.payload",
  },
  {
    rule: "A clock with a range takes its steps and nothing between.",
    file: "src/firmware/protocols/clock.ts",
    before: "return step === 0 ? distance === 0 : distance % step === 0;",
    after: "return step === 0 ? distance === 0 : distance % step >= 0;",
    hosts: lenient,
    decides: message("CLOCK_RATE_SET", (found, { board }) => {
      const range = clockOf(board, found.words[1])?.range;
      const rate = u64(found, 2);
      return (
        found.status === "INVALID_PARAMETERS" &&
        range != null &&
        rate > range.min &&
        rate < range.max &&
        (rate - range.min) % range.step !== 0
      );
    }),
    path: "data.response.payload",
  },
  {
    rule: "The highest rate of a range is in it.",
    file: "src/firmware/protocols/clock.ts",
    before: "hz >= range.min && hz <= range.max &&",
    after: "hz >= range.min && hz < range.max &&",
    hosts: common,
    decides: message(
      "CLOCK_RATE_SET",
      (found, { board }) =>
        found.status === "SUCCESS" && u64(found, 2) === clockOf(board, found.words[1])?.range?.max,
    ),
    path: "data.response.payload",
  },
  {
    rule: "A clock that is fixed says yes, and keeps its rate.",
    file: "src/firmware/protocols/clock.ts",
    before: 'if (taken === null && !config.fixed) draft.set("clock", clockId, "rate", Number(rate));',
    after: 'if (taken === null) draft.set("clock", clockId, "rate", Number(rate));',
    hosts: common,
    decides: message("CLOCK_RATE_SET", (found, { board, state }) => {
      const [, clockId = 0] = found.words;
      const isOther = state.firmware.clock.get(clockId)?.rate !== u64(found, 2);
      const isTaken = found.effects.some(({ table }) => table === "pending");
      return found.status === "SUCCESS" && clockOf(board, clockId)?.fixed === true && isOther && !isTaken;
    }),
    path: "data.effects",
  },
  {
    rule: "A clock's triplet has one index.",
    file: "src/firmware/protocols/clock.ts",
    before: 'if (rateIndex !== 0 && board.switches.rangeIndexChecked) return "OUT_OF_RANGE";',
    after: "",
    hosts: profiled("v32"),
    decides: message(
      "CLOCK_DESCRIBE_RATES",
      ({ status, words }, { board }) => status === "OUT_OF_RANGE" && clockOf(board, words[0])?.range != null,
    ),
    path: "data.response.payload",
  },
];

import type { Board } from "#config/board/board.ts";
import { MESSAGE_TYPE, unpackHeader } from "#scmi/header.ts";
import { either, type Message, type Mutant, message, profiled, recorded } from "./mutant.ts";

const OFF = 0x4000_0000;

/** A u64 of a request, from a word on. */
function u64({ words }: Message, at: number): number {
  return (words[at] ?? 0) + 2 ** 32 * (words[at + 1] ?? 0);
}

function clockOf({ firmware }: Board, id: number | undefined) {
  return firmware.clocks.find((clock) => clock.id === id);
}

function sensorOf({ firmware }: Board, id: number | undefined) {
  return firmware.sensors.find((sensor) => sensor.id === id);
}

/** Profiles that have a protocol as the model's own code has it. */
const common = profiled("v32", "ref", "ref-rpi5");
/** Of these, who ignore flags. */
const lenient = profiled("ref", "ref-rpi5");

/** Rules of the protocols for resources. */
export const FIRMWARE_RESOURCES: readonly Mutant[] = [
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
  {
    rule: "In ref a power domain that nobody uses cannot be let go of.",
    file: "src/firmware/resources/power-domains.ts",
    before: 'if (count === 0) return "BUSY";',
    after: 'if (count === 0) return "SUCCESS";',
    hosts: profiled("ref", "ref-rpi5", "ref-rcar"),
    decides: message(
      "POWER_STATE_SET",
      ({ status, words }, { state }) =>
        status === "BUSY" && state.firmware.powerDomain.get(words[1] ?? 0)?.count === 0,
    ),
    path: "data.response.payload",
  },
  {
    rule: "In ref a power domain that is always on cannot be let go of by its last user.",
    file: "src/firmware/resources/power-domains.ts",
    before: 'if (board.resources.power.byId.get(domainId)?.alwaysOn) return "BUSY";',
    after: "",
    hosts: profiled("ref", "ref-rpi5", "ref-rcar"),
    decides: message(
      "POWER_STATE_SET",
      ({ status, words }, { state, board }) =>
        status === "BUSY" &&
        state.firmware.powerDomain.get(words[1] ?? 0)?.count === 1 &&
        board.firmware.powerDomains.some(({ id, alwaysOn }) => id === words[1] && alwaysOn),
    ),
    path: ["data.response.payload", "data.effects"],
  },
  {
    rule: "Who switches a power domain on becomes a user of its parent.",
    file: "src/firmware/resources/power-domains.ts",
    before: "if (count === 0 && parent !== null) hold(board, cells, parent);",
    after: "",
    hosts: ({ firmware }) =>
      firmware.powerDomains.every(
        ({ initial, alwaysOn, parent }) => parent === null || (initial === "off" && !alwaysOn),
      ),
    decides: message("POWER_STATE_SET", ({ effects, words }, { board }) => {
      const parent = board.firmware.powerDomains.find(({ id }) => id === words[1])?.parent ?? null;
      const isOn = (words[2] ?? 0) < OFF;
      return (
        parent !== null &&
        isOn &&
        effects.some(
          ({ table, row, column }) => table === "powerDomain" && row === parent && column === "count",
        )
      );
    }),
    path: "data.effects",
  },
  {
    rule: "In v32 an agent has a vote on a power domain, and no count.",
    file: "src/firmware/protocols/power-domain.ts",
    before: 'if (board.switches.pdRefCount === "perAgent") {',
    after: 'if (board.switches.pdRefCount === "none") {',
    hosts: profiled("v32"),
    decides: message(
      "POWER_STATE_SET",
      ({ status, effects }) => status === "SUCCESS" && effects.every(({ table }) => table !== "pending"),
    ),
    path: "data.effects",
  },
  {
    rule: "A power state is on or off.",
    file: "src/firmware/protocols/power-domain.ts",
    before: "const isDefined = powerState === POWER_STATES.ON || powerState === POWER_STATES.OFF;",
    after: "const isDefined = powerState < 0x8000_0000;",
    hosts: profiled("v32"),
    decides: message(
      "POWER_STATE_SET",
      ({ status, words }) =>
        status === "INVALID_PARAMETERS" &&
        (words[0] ?? 0) < 2 &&
        ![0, OFF].includes(words[2] ?? 0) &&
        (words[2] ?? 0) < 0x8000_0000,
    ),
    path: "data.response.payload",
  },
  {
    rule: "An agent without a platform-to-agent page cannot ask for a power state asynchronously.",
    file: "src/firmware/protocols/power-domain.ts",
    before: 'if (isStrict(context) && isAsync && !canDefer(context)) return "NOT_SUPPORTED";',
    after: "",
    hosts: profiled("v32"),
    decides: message("POWER_STATE_SET", ({ status }) => status === "NOT_SUPPORTED"),
    path: "data.response.payload",
  },
  {
    rule: "A RESET that is autonomous leaves no line asserted.",
    file: "src/firmware/protocols/reset-domain.ts",
    before: "return readBits(flags, autonomous) === 0 && readBits(flags, assert) === 1;",
    after: "return readBits(flags, assert) === 1;",
    hosts: profiled("v32"),
    decides: message(
      "RESET",
      ({ status, words, effects }) =>
        status === "SUCCESS" &&
        ((words[1] ?? 0) & 3) === 3 &&
        effects.every(({ table }) => table !== "pending"),
    ),
    path: "data.effects",
  },
  {
    rule: "In ref a RESET of a domain that there is not is NOT_FOUND.",
    file: "src/firmware/protocols/reset-domain.ts",
    before: "if (domain === undefined) return board.switches.resetRangeStatus;",
    after: 'if (domain === undefined) return board.switches["rangeStatus.action"];',
    hosts: profiled("ref", "ref-rpi5", "ref-rcar"),
    decides: message("RESET", ({ status }) => status === "NOT_FOUND"),
    path: "data.response.payload",
  },
  {
    rule: "Of the architectural resets there is the cold one alone.",
    file: "src/firmware/protocols/reset-domain.ts",
    before: "readBits(resetState, implementationDefined) === 1 || readBits(resetState, stateId) === 0;",
    after: "readBits(resetState, implementationDefined) === 1 || readBits(resetState, stateId) <= 1;",
    hosts: profiled("v32"),
    decides: message(
      "RESET",
      ({ status, words }) =>
        status === "INVALID_PARAMETERS" && [0, 1, 2, 3].includes(words[1] ?? 9) && words[2] === 1,
    ),
    path: "data.response.payload",
  },
  {
    rule: "Only trusted agents change the system's power.",
    file: "src/firmware/protocols/system-power.ts",
    before: "if (!board.config.trustedAgents.includes(caller)) return board.switches.deniedStatus;",
    after: "",
    hosts: profiled("v32"),
    decides: message("SYSTEM_POWER_STATE_SET", ({ status }) => status === "DENIED"),
    path: "data.response.payload",
  },
  {
    rule: "A system suspends by a message only where the board says so.",
    file: "src/firmware/protocols/system-power.ts",
    before: "return board.config.systemPower?.suspend ?? false;",
    after: "return board.config.systemPower?.warmReset ?? false;",
    hosts: profiled("v32"),
    decides: message(
      "SYSTEM_POWER_STATE_SET",
      ({ status, words }) => status === "NOT_SUPPORTED" && words[1] === 4,
    ),
    path: "data.response.payload",
  },
  {
    rule: "A sensor that is not enabled is not read.",
    file: "src/firmware/protocols/sensor.ts",
    before: 'if (draft.get("sensor", sensorId, "enabled") !== true) return "PROTOCOL_ERROR";',
    after: "",
    hosts: profiled("v32"),
    decides: message("SENSOR_READING_GET", ({ status, bytes }) => status === "PROTOCOL_ERROR" && bytes === 8),
    path: "data.response.payload",
  },
  {
    rule: "Trip points are counted from 0.",
    file: "src/firmware/protocols/sensor.ts",
    before: 'if (point >= config.tripPoints) return "INVALID_PARAMETERS";',
    after: 'if (point > config.tripPoints) return "INVALID_PARAMETERS";',
    hosts: profiled("v32"),
    decides: message("SENSOR_TRIP_POINT_CONFIG", ({ status, words }, { board }) => {
      const [sensorId, control = 0] = words;
      const isStray = (control & 0xffff_f00c) !== 0;
      return (
        status === "INVALID_PARAMETERS" && !isStray && control >>> 4 === sensorOf(board, sensorId)?.tripPoints
      );
    }),
    path: "data.response.payload",
  },
  {
    rule: "An update interval of 0 leaves a sensor the one that it has.",
    file: "src/firmware/resources/sensor-config.ts",
    before: "if (seconds === 0) return keptUs;",
    after: "if (seconds === 0) return keptUs + 1;",
    hosts: profiled("v32"),
    decides: message(
      "SENSOR_CONFIG_SET",
      ({ status, words }) => status === "SUCCESS" && (words[1] ?? 0) >>> 16 === 0,
    ),
    path: "data.effects",
  },
  {
    rule: "A performance level is within the limits.",
    file: "src/firmware/protocols/performance.ts",
    before: "const isAllowed = performanceLevel <= max && performanceLevel >= min;",
    after: "const isAllowed = performanceLevel >= min;",
    hosts: profiled("v32"),
    decides: message("PERFORMANCE_LEVEL_SET", ({ status, words }, { board, state }) => {
      const [id = 0, level = 0] = words;
      const domain = board.firmware.performanceDomains.find((listed) => listed.id === id);
      const { max = 0, min = 0 } = state.firmware.performance.get(id) ?? {};
      const levels = domain?.levels.map(({ value }, index) => (domain.levelIndexing ? index : value)) ?? [];
      return status === "OUT_OF_RANGE" && levels.includes(level) && level > max && level >= min;
    }),
    path: "data.response.payload",
  },
  {
    rule: "The limits of a performance domain are not the wrong way round.",
    file: "src/firmware/protocols/performance.ts",
    before: 'if (min > max) return "INVALID_PARAMETERS";',
    after: 'if (min > max) return "OUT_OF_RANGE";',
    hosts: profiled("v32"),
    decides: message("PERFORMANCE_LIMITS_SET", ({ status }) => status === "INVALID_PARAMETERS"),
    path: "data.response.payload",
  },
  {
    rule: "A power cap is within its range.",
    file: "src/firmware/protocols/powercap.ts",
    before: 'if (!isOff && !isWithin(powerCap, limit.range)) return "OUT_OF_RANGE";',
    after: "",
    hosts: profiled("v32"),
    decides: message("POWERCAP_CAP_SET", ({ status }) => status === "OUT_OF_RANGE"),
    path: "data.response.payload",
  },
  {
    rule: "A voltage is one that the domain has.",
    file: "src/firmware/protocols/voltage-domain.ts",
    before: "if (range === null) return (levels ?? [level]).includes(wanted);",
    after: "if (range === null) return (levels ?? [level]).length > 0;",
    hosts: profiled("v32"),
    decides: message(
      "VOLTAGE_LEVEL_SET",
      ({ status, words }, { board }) =>
        status === "INVALID_PARAMETERS" &&
        words[1] === 0 &&
        board.firmware.voltageDomains.some(({ id, range }) => id === words[0] && range === null),
    ),
    path: "data.response.payload",
  },
  {
    rule: "A pin that another agent has for itself is in use.",
    file: "src/firmware/protocols/pin-control.ts",
    before: 'if (isPinInUse(draft, pins, caller)) return "IN_USE";',
    after: "",
    hosts: profiled("v32"),
    decides: message("PINCTRL_SETTINGS_CONFIGURE", ({ status }) => status === "IN_USE"),
    path: "data.response.payload",
  },
  {
    rule: "A notification of a power domain says to which state it went.",
    file: "src/firmware/p2a/announce.ts",
    before: "powerState: on === true ? POWER_STATES.ON : POWER_STATES.OFF",
    after: "powerState: on === true ? POWER_STATES.OFF : POWER_STATES.ON",
    decides: either(
      recorded("smc.forwarded", ({ notifications = [] }) => notifications.some(isPowerChange)),
      recorded("scmi.completed", ({ sent }) => sent.some(isPowerChange)),
    ),
    path: ["data.notifications", "data.sent"],
  },
  {
    rule: "Tokens of notifications count by one they count.",
    file: "src/firmware/p2a/outbox.ts",
    before: "(token + 1) % TOKENS",
    after: "(token + 2) % TOKENS",
    decides: (seen) => {
      const { data } = seen.event as {
        data: { effects?: readonly { table: string; column: string; value: unknown }[] };
      };
      return (data.effects ?? []).some(
        ({ table, column, value }) => table === "p2a" && column === "token" && value !== undefined,
      );
    },
    path: "data.effects",
  },
  {
    rule: "Where a page that is not FREE loses messages, they are lost.",
    file: "src/firmware/p2a/outbox.ts",
    before: 'if (this.#board.switches.p2aBusy === "drop" || waiting.length >= QUEUE_MAX) return "dropped";',
    after: 'if (waiting.length >= QUEUE_MAX) return "dropped";',
    hosts: ({ firmware }) => firmware.switches["p2aBusy"] === "drop",
    decides: either(
      recorded("smc.forwarded", ({ notifications = [] }) =>
        notifications.some(({ outcome }) => outcome === "dropped"),
      ),
      recorded("scmi.completed", ({ sent }) => sent.some(({ outcome }) => outcome === "dropped")),
      recorded("sensor.changed", ({ sent }) => sent.some(({ outcome }) => outcome === "dropped")),
    ),
    path: ["data.notifications", "data.sent", "data.effects"],
  },
  {
    rule: "An agent has so many asynchronous requests under way, and no more.",
    file: "src/firmware/p2a/pending.ts",
    before: 'if (own.length >= board.switches.asyncPending) return "BUSY";',
    after: 'if (own.length > board.switches.asyncPending) return "BUSY";',
    hosts: profiled("v32"),
    decides: message(
      [
        "CLOCK_RATE_SET",
        "POWER_STATE_SET",
        "RESET",
        "SENSOR_READING_GET",
        "VOLTAGE_LEVEL_SET",
        "POWERCAP_CAP_SET",
      ],
      ({ status }) => status === "BUSY",
    ),
    path: "data.response.payload",
  },
];

function isPowerChange({ header }: { readonly header: number }): boolean {
  const { protocolId, messageType, messageId } = unpackHeader(header);
  return protocolId === 0x11 && messageType === MESSAGE_TYPE.NOTIFICATION && messageId === 0;
}

import type { Board } from "#config/board/board.ts";
import { type Mutant, message, profiled } from "../mutant.ts";

function sensorOf({ firmware }: Board, id: number | undefined) {
  return firmware.sensors.find((sensor) => sensor.id === id);
}

/** Rules of the other resources. */
export const FIRMWARE_RESOURCES: readonly Mutant[] = [
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
];

import { type Mutant, message, profiled } from "../mutant.ts";

const OFF = 0x4000_0000;

/** Rules of power domains, and of the system's power. */
export const FIRMWARE_POWER: readonly Mutant[] = [
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
];

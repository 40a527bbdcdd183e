import { MESSAGE_TYPE, unpackHeader } from "#scmi/header.ts";
import { either, type Mutant, message, profiled, recorded } from "../mutant.ts";

function isPowerChange({ header }: { readonly header: number }): boolean {
  const { protocolId, messageType, messageId } = unpackHeader(header);
  return protocolId === 0x11 && messageType === MESSAGE_TYPE.NOTIFICATION && messageId === 0;
}

/** Rules of what the firmware sends by itself, and does later. */
export const FIRMWARE_P2A: readonly Mutant[] = [
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
    rule: "Tokens of notifications count by one, where they count.",
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

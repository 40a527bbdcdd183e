import type { TestFirmware } from "../support/firmware.ts";
import { resourceBoard } from "../support/resource-board.ts";
import { AGENTS_WITH_P2A, type ComplianceRow } from "./rows.ts";

/** Performance rules of the suite. Agent 1 may set every domain, agent 2 not domain 0. Domains are 0, 1 and 3. */

const board = resourceBoard("v32", { agents: AGENTS_WITH_P2A });
const DOMAINS = [0, 1, 3];
/** The suite's bad domain: their number + 1. */
const BAD = 5;

const call = (firmware: TestFirmware, message: string, ...payload: number[]) =>
  firmware.call(1, "performance", message, ...payload);
const status = (firmware: TestFirmware, message: string, ...payload: number[]) =>
  firmware.status(1, "performance", message, ...payload);

/** Every level of a domain, and the reserved bits of the counts. */
function walkLevels(firmware: TestFirmware, domainId: number): { levels: number[]; reserved: number } {
  const levels: number[] = [];
  let reserved = 0;
  for (let index = 0, remaining = 1; remaining > 0; ) {
    const [, word = 0, ...words] = call(firmware, "PERFORMANCE_DESCRIBE_LEVELS", domainId, index);
    levels.push(...words.filter((_, i) => i % 5 === 0));
    reserved |= word & 0xf000;
    index += word & 0xfff;
    remaining = word >>> 16;
  }
  return { levels, reserved };
}

function notifyRow(id: string, message: string, told: string): ComplianceRow {
  return {
    id,
    rule: `${message} can be asked for and called off; 0xff is INVALID_PARAMETERS`,
    board,
    play: (firmware) => [1, 0, 0xff].map((word) => status(firmware, message, 0, word)),
    wanted: ["SUCCESS", "SUCCESS", told],
  };
}

function unsupportedNotifyRow(id: string, message: string): ComplianceRow {
  return {
    id,
    rule: `${message} of a domain that does not notify is NOT_SUPPORTED, of a bad one NOT_FOUND`,
    board,
    play: (firmware) => [1, BAD].map((domainId) => status(firmware, message, domainId, 1)),
    wanted: ["NOT_SUPPORTED", "NOT_FOUND"],
  };
}

function badDomainRow(id: string, message: string, ...payload: number[]): ComplianceRow {
  return {
    id,
    rule: `${message} of a bad domain is NOT_FOUND`,
    board,
    play: (firmware) => status(firmware, message, BAD, ...payload),
    wanted: "NOT_FOUND",
  };
}

export const PERFORMANCE_ROWS: readonly ComplianceRow[] = [
  {
    id: "d001",
    rule: "the version is the expected one",
    board,
    play: (firmware) => call(firmware, "PROTOCOL_VERSION"),
    wanted: [0, 0x4_0000],
  },
  {
    id: "d002",
    rule: "the attributes tell domains and statistics, and their reserved bits are 0",
    board,
    play: (firmware) => {
      const [word, attributes = 0, ...statistics] = call(firmware, "PROTOCOL_ATTRIBUTES");
      return [word, attributes & 0xffff, (attributes & 0xfffe_0000) >>> 0, ...statistics];
    },
    wanted: [0, 4, 0, 0, 0, 0],
  },
  {
    id: "d003",
    rule: "messages 0x3 to 0x8 are there; bits 31:1 are 0, and 0x3 and 0x4 have no fast channel",
    board,
    play: (firmware) =>
      [3, 4, 5, 6, 7, 8].map((id) => {
        const [word, attributes = 0] = call(firmware, "PROTOCOL_MESSAGE_ATTRIBUTES", id);
        return [word, id < 5 ? attributes : attributes & ~1];
      }),
    wanted: [0, 0, 0, 0, 0, 0].map(() => [0, 0]),
  },
  {
    id: "d004",
    rule: "the first id above the commands of 2.0, 0xc, is NOT_FOUND, as a message and in MESSAGE_ATTRIBUTES",
    board,
    play: (firmware) => [
      status(firmware, "PROTOCOL_MESSAGE_ATTRIBUTES", 0xc),
      firmware.statusOfId(1, 0x13, 0xc),
    ],
    wanted: ["NOT_FOUND", "NOT_FOUND"],
    unmet: {
      instead: ["SUCCESS", "PROTOCOL_ERROR"],
      reason:
        "The suite's mistake: from protocol version 3.0 on, 0xc is PERFORMANCE_DOMAIN_NAME_GET, and without a payload it is too short.",
    },
  },
  {
    id: "d005",
    rule: "the attributes of every domain have bits 26:0 clear",
    board,
    play: (firmware) =>
      DOMAINS.map((id) => (call(firmware, "PERFORMANCE_DOMAIN_ATTRIBUTES", id)[1] ?? 0) & 0x7ff_ffff),
    wanted: [0, 0, 0],
    unmet: {
      instead: [0, 0x600_0000, 0],
      reason:
        "The suite knows version 2.0. Bit 26 tells of a long name from 3.0 on, bit 25 of levels that go by index from 4.0 on.",
    },
  },
  badDomainRow("d006", "PERFORMANCE_DOMAIN_ATTRIBUTES"),
  {
    id: "d007",
    rule: "levels are walked ascending, reserved bits 0; an index beyond the end is INVALID_PARAMETERS",
    board,
    play: (firmware) => {
      const walked = DOMAINS.map((id) => walkLevels(firmware, id));
      const ascending = walked.every(({ levels }) =>
        levels.every((level, i) => i === 0 || level > (levels[i - 1] ?? 0)),
      );
      const beyond = DOMAINS.map((id, i) =>
        status(firmware, "PERFORMANCE_DESCRIBE_LEVELS", id, walked[i]?.levels.length ?? 0),
      );
      return [
        ascending,
        walked.map(({ levels }) => levels.length),
        walked.map(({ reserved }) => reserved),
        beyond,
      ];
    },
    wanted: [true, [3, 4, 12], [0, 0, 0], DOMAINS.map(() => "INVALID_PARAMETERS")],
    unmet: {
      instead: [true, [3, 4, 12], [0, 0, 0], DOMAINS.map(() => "OUT_OF_RANGE")],
      reason:
        "SCMI v3.2 has OUT_OF_RANGE for an index beyond the end; INVALID_PARAMETERS is that of versions 1 and 2.",
    },
  },
  badDomainRow("d008", "PERFORMANCE_DESCRIBE_LEVELS", 0),
  {
    id: "d009",
    rule: "limits that are set are read back",
    board,
    play: (firmware) => [
      status(firmware, "PERFORMANCE_LIMITS_SET", 0, 1000, 1000),
      call(firmware, "PERFORMANCE_LIMITS_GET", 0),
      status(firmware, "PERFORMANCE_LIMITS_SET", 0, 1500, 500),
      call(firmware, "PERFORMANCE_LIMITS_GET", 0),
    ],
    wanted: ["SUCCESS", [0, 1000, 1000], "SUCCESS", [0, 1500, 500]],
  },
  {
    id: "d010",
    rule: "limits above the highest or below the lowest level are OUT_OF_RANGE, a lowest above the highest INVALID_PARAMETERS",
    board,
    play: (firmware) =>
      [
        [1501, 500],
        [1500, 499],
        [500, 1500],
      ].map(([max = 0, min = 0]) => status(firmware, "PERFORMANCE_LIMITS_SET", 0, max, min)),
    wanted: ["OUT_OF_RANGE", "OUT_OF_RANGE", "INVALID_PARAMETERS"],
  },
  {
    id: "d011",
    rule: "LIMITS_SET without the permission is DENIED, of a bad domain NOT_FOUND",
    board,
    play: (firmware) => [
      firmware.status(2, "performance", "PERFORMANCE_LIMITS_SET", 0, 1500, 500),
      status(firmware, "PERFORMANCE_LIMITS_SET", BAD, 1500, 500),
    ],
    wanted: ["DENIED", "NOT_FOUND"],
  },
  badDomainRow("d012", "PERFORMANCE_LIMITS_GET"),
  {
    id: "d013",
    rule: "every level that is set is read back",
    board,
    play: (firmware) =>
      [500, 1000, 1500, 1000].map((level) => [
        status(firmware, "PERFORMANCE_LEVEL_SET", 0, level),
        call(firmware, "PERFORMANCE_LEVEL_GET", 0),
      ]),
    wanted: [500, 1000, 1500, 1000].map((level) => ["SUCCESS", [0, level]]),
  },
  {
    id: "d014",
    rule: "a level above the highest is OUT_OF_RANGE",
    board,
    play: (firmware) => status(firmware, "PERFORMANCE_LEVEL_SET", 0, 1501),
    wanted: "OUT_OF_RANGE",
  },
  {
    id: "d015",
    rule: "LEVEL_SET without the permission is DENIED, of a bad domain NOT_FOUND",
    board,
    play: (firmware) => [
      firmware.status(2, "performance", "PERFORMANCE_LEVEL_SET", 0, 1000),
      status(firmware, "PERFORMANCE_LEVEL_SET", BAD, 1000),
    ],
    wanted: ["DENIED", "NOT_FOUND"],
  },
  badDomainRow("d016", "PERFORMANCE_LEVEL_GET"),
  notifyRow("d017", "PERFORMANCE_NOTIFY_LIMITS", "INVALID_PARAMETERS"),
  unsupportedNotifyRow("d018", "PERFORMANCE_NOTIFY_LIMITS"),
  notifyRow("d019", "PERFORMANCE_NOTIFY_LEVEL", "INVALID_PARAMETERS"),
  unsupportedNotifyRow("d020", "PERFORMANCE_NOTIFY_LEVEL"),
  {
    id: "d021",
    rule: "fast channels are described, attributes 31:3 being 0",
    board,
    play: (firmware) =>
      [5, 7].map((id) => {
        const [word, attributes = 0] = call(firmware, "PERFORMANCE_DESCRIBE_FASTCHANNEL", 0, id);
        return [word, (attributes & ~7) >>> 0];
      }),
    wanted: [
      [0, 0],
      [0, 0],
    ],
  },
  badDomainRow("d022", "PERFORMANCE_DESCRIBE_FASTCHANNEL", 7),
  {
    id: "d023",
    rule: "the fast channel of a message that there is not is NOT_FOUND",
    board,
    play: (firmware) => status(firmware, "PERFORMANCE_DESCRIBE_FASTCHANNEL", 0, 0xff),
    wanted: "NOT_FOUND",
  },
  {
    id: "d024",
    rule: "the fast channel of a domain without any is NOT_SUPPORTED",
    board,
    play: (firmware) => status(firmware, "PERFORMANCE_DESCRIBE_FASTCHANNEL", 1, 7),
    wanted: "NOT_SUPPORTED",
  },
  {
    id: "d025",
    rule: "the fast channel of a message below 0x5 is NOT_SUPPORTED",
    board,
    play: (firmware) =>
      [0, 1, 2, 3, 4].map((id) => status(firmware, "PERFORMANCE_DESCRIBE_FASTCHANNEL", 0, id)),
    wanted: [0, 1, 2, 3, 4].map(() => "NOT_SUPPORTED"),
  },
  {
    id: "d026",
    rule: "a change of limits is notified: message type 3, id 0",
    board,
    play: (firmware) => notified(firmware, "PERFORMANCE_NOTIFY_LIMITS", 0x5, [0, 1000, 500]),
    wanted: [[3, 0]],
  },
  {
    id: "d027",
    rule: "a change of the level is notified: message type 3, id 1",
    board,
    play: (firmware) => notified(firmware, "PERFORMANCE_NOTIFY_LEVEL", 0x7, [0, 1500]),
    wanted: [[3, 1]],
  },
  ...(["d028", "d029"] as const).map(
    (id, i): ComplianceRow => ({
      id,
      rule: `the fast channel of ${["LIMITS_GET", "LEVEL_GET"][i]} has what the message answers`,
      board,
      play: (firmware) => status(firmware, "PERFORMANCE_DESCRIBE_FASTCHANNEL", 0, [6, 8][i] ?? 0),
      wanted: "SUCCESS",
      unmet: {
        instead: "NOT_SUPPORTED",
        reason:
          "Fast channels are described and not served: they are memory of the board's, and the board file lists none for reading here.",
      },
    }),
  ),
];

/** Asks to be told, sends a message, and gives type and id of what the agent is sent. */
function notified(firmware: TestFirmware, ask: string, messageId: number, payload: number[]): number[][] {
  status(firmware, ask, 0, 1);
  const { notifications } = firmware.send(1, { header: (0x13 << 10) | messageId, payload });
  return notifications.map(({ header }) => [(header >>> 8) & 3, header & 0xff]);
}

import { type Decides, either, type Mutant, message, recorded, type Seen } from "../mutant.ts";

/** An errno is told that Xen made of an answer with this status. */
function madeOf(status: string): Decides {
  const isAnswer = (previous: Seen | null): boolean => previous?.message?.status === status;
  return either(
    recorded("agent.reset", (data) => data.status === status),
    recorded("mediator.probe-failed", (_, { previous }) => isAnswer(previous)),
    recorded(
      "device.assignment-refused",
      (data, { previous }) => data.message.startsWith("SCI: ") && isAnswer(previous),
    ),
  );
}

/** Rules of the messages that Xen sends itself, and of what becomes of the answers. */
export const MEDIATOR_MESSAGES: readonly Mutant[] = [
  {
    rule: "Mapping a page sets it FREE.",
    file: "src/mediator/messaging.ts",
    before: "page.write32(SHMEM.CHANNEL_STATUS, CHANNEL_FREE);",
    after: "page.write32(SHMEM.CHANNEL_STATUS, 0);",
    decides: recorded(
      "smc.forwarded",
      ({ origin }, { previous }) => origin === "xen" && previous?.event.type === "host.booted",
    ),
    path: "type",
  },
  {
    rule: "A message of Xen's asks for no interrupt: its flags are 0.",
    file: "src/mediator/messaging.ts",
    before: "page.write32(SHMEM.CHANNEL_FLAGS, 0);",
    after: "page.write32(SHMEM.CHANNEL_FLAGS, 1);",
    decides: recorded("smc.forwarded", ({ origin }) => origin === "xen"),
    path: "data.writes",
  },
  {
    rule: "The length word counts the header.",
    file: "src/mediator/messaging.ts",
    before: "page.write32(SHMEM.LENGTH, 4 + payload.length);",
    after: "page.write32(SHMEM.LENGTH, payload.length);",
    decides: recorded("smc.forwarded", ({ origin }) => origin === "xen"),
    path: "data.writes",
  },
  {
    rule: "A doorbell that nobody handled is EOPNOTSUPP.",
    file: "src/mediator/messaging.ts",
    before: 'if (x0 !== 0n) return failed("EOPNOTSUPP", seq);',
    after: 'if (x0 !== 0n) return failed("EIO", seq);',
    decides: recorded(
      "mediator.probe-failed",
      (_, { previous }) => previous?.event.type === "smc.forwarded" && previous.event.data.xOut[0] !== 0n,
    ),
    path: "data.errno",
  },
  {
    rule: "NOT_SUPPORTED becomes EOPNOTSUPP.",
    file: "src/mediator/messaging.ts",
    before: '[SCMI_STATUS.NOT_SUPPORTED, "EOPNOTSUPP"]',
    after: '[SCMI_STATUS.NOT_SUPPORTED, "ENOSYS"]',
    decides: madeOf("NOT_SUPPORTED"),
    path: "data.errno",
  },
  {
    rule: "DENIED becomes EACCES.",
    file: "src/mediator/messaging.ts",
    before: '[SCMI_STATUS.DENIED, "EACCES"]',
    after: '[SCMI_STATUS.DENIED, "EPERM"]',
    decides: madeOf("DENIED"),
    path: "data.errno",
  },
  {
    rule: "NOT_FOUND becomes ENOENT.",
    file: "src/mediator/messaging.ts",
    before: '[SCMI_STATUS.NOT_FOUND, "ENOENT"]',
    after: '[SCMI_STATUS.NOT_FOUND, "ESRCH"]',
    decides: madeOf("NOT_FOUND"),
    path: "data.errno",
  },
  {
    rule: "INVALID_PARAMETERS becomes EINVAL.",
    file: "src/mediator/messaging.ts",
    before: '[SCMI_STATUS.INVALID_PARAMETERS, "EINVAL"]',
    after: '[SCMI_STATUS.INVALID_PARAMETERS, "ERANGE"]',
    decides: madeOf("INVALID_PARAMETERS"),
    path: "data.errno",
  },
  {
    rule: "A permission is taken with flag bit 0 clear.",
    file: "src/mediator/management.ts",
    before: "[agentId, deviceId, allowed ? 1 : 0]",
    after: "[agentId, deviceId, 1]",
    decides: message(
      "BASE_SET_DEVICE_PERMISSIONS",
      ({ origin, words }) => origin === "xen" && words[2] === 0,
    ),
    path: "data.request.payload",
  },
  {
    rule: "A reset that was asked to keep the permissions keeps them.",
    file: "src/mediator/management.ts",
    before: 'reply.errno === null && (flags & 1) === 1 ? "reset" : "kept"',
    after: 'reply.errno === null ? "reset" : "kept"',
    decides: recorded("agent.reset", ({ permissions, errno }) => permissions === "kept" && errno === null),
    path: "data.permissions",
  },
  {
    rule: "Without a management channel Xen's own messages are EINVAL.",
    file: "src/mediator/management.ts",
    before: '"no-management-channel", "EINVAL")',
    after: '"no-management-channel", "ENODEV")',
    decides: recorded(
      "agent.reset",
      (_, { previous }) =>
        previous?.event.type === "smc.refused" && previous.event.data.reason === "no-management-channel",
    ),
    path: "data.errno",
  },
];

import type { Board } from "#config/board/board.ts";
import { defaultAllowed } from "#firmware/access/permissions.ts";
import { anyMessage, isTrusted, type Mutant, message, profiled } from "../mutant.ts";

/** Profiles whose base protocol is everybody's. */
const isCommon = profiled("v32", "ref");

function isShared({ firmware }: Board): boolean {
  return (
    firmware.deviceOwnership === "shared" && firmware.devices.every(({ staticOwner }) => staticOwner === null)
  );
}

/** Rules of who may do what. */
export const FIRMWARE_PERMISSIONS: readonly Mutant[] = [
  {
    rule: "Only trusted agents set permissions and reset agents.",
    file: "src/firmware/protocols/base.ts",
    before: "return board.config.trustedAgents.includes(caller);",
    after: "return board.config.trustedAgents.length > 0;",
    hosts: (board) => profiled("v32", "ref", "ref-rcar")(board) && isShared(board),
    decides: message(
      ["BASE_SET_DEVICE_PERMISSIONS", "BASE_SET_PROTOCOL_PERMISSIONS", "BASE_RESET_AGENT_CONFIGURATION"],
      ({ status, caller }, { board }) =>
        status === "DENIED" && !board.firmware.trustedAgents.includes(caller),
    ),
    path: "data.response.payload",
  },
  {
    rule: "An exclusive device has one holder at a time.",
    file: "src/firmware/access/permissions.ts",
    before: 'if (!allowed || config.deviceOwnership === "shared") return false;',
    after: "if (!allowed || config.deviceOwnership.length > 0) return false;",
    hosts: ({ firmware }) => isCommon({ firmware } as Board) && firmware.deviceOwnership === "exclusive",
    decides: message(
      "BASE_SET_DEVICE_PERMISSIONS",
      (found, seen) => found.status === "DENIED" && isTrusted(found, seen),
    ),
    path: "data.response.payload",
  },
  {
    rule: "A device with a static owner is not taken from others, either.",
    file: "src/firmware/access/permissions.ts",
    before: "if (isReserved && (allowed || switches.staticOwnerGuardsClearing)) return true;",
    after: "if (isReserved && allowed) return true;",
    hosts: profiled("v32"),
    decides: message(["BASE_SET_DEVICE_PERMISSIONS", "BASE_SET_PROTOCOL_PERMISSIONS"], (found, seen) => {
      const flags = found.words[found.words.length - 1] ?? 0;
      return found.status === "DENIED" && isTrusted(found, seen) && (flags & 1) === 0;
    }),
    path: "data.response.payload",
  },
  {
    rule: "What a board gives by default needs no bit of its own.",
    file: "src/firmware/access/permissions.ts",
    before: "const isDefault = allowed === defaultBit(board, agentId, deviceId);",
    after: "const isDefault = false;",
    hosts: isCommon,
    decides: message("BASE_SET_DEVICE_PERMISSIONS", ({ status, words }, { board }) => {
      const [agentId = 0, deviceId = 0, flags = 0] = words;
      const isDefault = defaultAllowed(board.firmware, agentId, deviceId) === ((flags & 1) === 1);
      return status === "SUCCESS" && isDefault;
    }),
    path: "data.effects",
  },
  {
    rule: "A reset takes an agent's permissions back to those at power-on.",
    file: "src/firmware/access/permissions.ts",
    before: 'draft.set("permission", agentId, Number(column), undefined);',
    after: 'draft.set("permission", agentId, Number(column), true);',
    hosts: isCommon,
    decides: message("BASE_RESET_AGENT_CONFIGURATION", ({ status, words }, { state }) => {
      const [agentId = 0, flags = 0] = words;
      return (
        status === "SUCCESS" &&
        (flags & 1) === 1 &&
        Object.keys(state.firmware.permission.get(agentId) ?? {}).length > 0
      );
    }),
    path: "data.effects",
  },
  {
    rule: "A reset without flag bit 0 leaves the permissions.",
    file: "src/firmware/protocols/base.ts",
    before: "if ((flags & 1) === 1) resetPermissions(draft, agentId);",
    after: "resetPermissions(draft, agentId);",
    hosts: isCommon,
    decides: message("BASE_RESET_AGENT_CONFIGURATION", ({ status, words }, { state }) => {
      const [agentId = 0, flags = 0] = words;
      const { permission, protocolPermission } = state.firmware;
      const own = [
        ...Object.keys(permission.get(agentId) ?? {}),
        ...Object.keys(protocolPermission.get(agentId) ?? {}),
      ];
      return status === "SUCCESS" && (flags & 1) === 0 && own.length > 0;
    }),
    path: "data.effects",
  },
  {
    rule: "A reset takes back what the agent has set up, whatever its flags.",
    file: "src/firmware/protocols/base.ts",
    before: 'if (board.switches.resetAgentFlag0 === "state") resetSettings(board, draft, agentId);',
    after:
      'if (board.switches.resetAgentFlag0 === "state" && flags === 1) resetSettings(board, draft, agentId);',
    hosts: profiled("v32"),
    decides: message(
      "BASE_RESET_AGENT_CONFIGURATION",
      ({ status, words, effects }) => status === "SUCCESS" && words[1] === 0 && effects.length > 0,
    ),
    path: "data.effects",
  },
  {
    rule: "A protocol's permission needs no bit where it is the device's.",
    file: "src/firmware/access/permissions.ts",
    before: "isDevices ? undefined : allowed);",
    after: "allowed);",
    hosts: isCommon,
    decides: message("BASE_SET_PROTOCOL_PERMISSIONS", ({ status, words }, { board, state }) => {
      const [agentId = 0, deviceId = 0, , flags = 0] = words;
      const own = state.firmware.permission.get(agentId)?.[deviceId];
      const isDevices = (own ?? defaultAllowed(board.firmware, agentId, deviceId)) === ((flags & 1) === 1);
      return status === "SUCCESS" && isDevices;
    }),
    path: "data.effects",
  },
  {
    rule: "Who has no permission for a resource's devices may not change it.",
    file: "src/firmware/access/permissions.ts",
    before: "if (!board.switches.permissionsEnforced) return true;\n  const own",
    after: "if (!board.switches.permissionsEnforced || caller > 0) return true;\n  const own",
    hosts: profiled("ref"),
    decides: anyMessage(
      ({ status, protocolId, caller }) => status === "DENIED" && protocolId !== 0x10 && caller > 0,
    ),
    path: "data.response.payload",
  },
];

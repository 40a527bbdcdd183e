import { initialiseChannels } from "./channel/initialise-channel.ts";
import { functionIdOf, isFastSip, UNKNOWN_32, UNKNOWN_64 } from "./channel/smccc.ts";
import { asLeft, processChannel, readChannel } from "./channel/smt.ts";
import { Draft } from "./draft.ts";
import { reportError } from "./p2a/error-events.ts";
import { Outbox } from "./p2a/outbox.ts";
import { type BoardIndex, indexOf } from "./resources/board-index.ts";
import type { Ring, RingOutcome } from "./ring.ts";

/** The EL3 firmware's SMC entry: see {@link Ring}. */
export const ring: Ring = (config, state, memory, x, fault): RingOutcome => {
  const board = indexOf(config);
  const funcId = functionIdOf(x);
  const agent = board.agentByFuncId.get(funcId);
  const x0 = fault?.action === "x0" ? BigInt.asUintN(64, BigInt(fault.value ?? 0)) : null;
  if (agent === undefined) {
    const unknown = isFastSip(funcId) && board.switches.unknownSipId === "32-bit" ? UNKNOWN_32 : UNKNOWN_64;
    return {
      xOut: registers(board, x0 ?? unknown, x),
      agentId: null,
      request: null,
      response: null,
      effects: [],
      notifications: [],
    };
  }

  const page = memory.window(agent.shmem);
  const found = readChannel(page);
  const request = { header: found.header, payload: found.payload };
  if (x0 !== null) {
    return {
      xOut: registers(board, x0, x),
      agentId: agent.id,
      request,
      response: asLeft(found),
      effects: [],
      notifications: [],
    };
  }
  const draft = new Draft(state);
  const outbox = new Outbox(board, draft, memory);
  const response = processChannel(board, draft, outbox, agent.id, page, found, fault);
  initialiseChannels(config, memory, draft.effects());
  if (response !== null) reportError({ board, draft, outbox }, agent.id, response);
  return {
    xOut: registers(board, 0n, x),
    agentId: agent.id,
    request,
    response,
    effects: draft.effects(),
    notifications: outbox.sent,
  };
};

/** x0..x3 as the caller finds them. */
function registers({ switches }: BoardIndex, x0: bigint, x: readonly bigint[]): bigint[] {
  return switches.returnRegisters === "zero" ? [x0, 0n, 0n, 0n] : [x0, x[1] ?? 0n, x[2] ?? 0n, x[3] ?? 0n];
}

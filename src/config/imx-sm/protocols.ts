import { PROTOCOL_NAMES, type ProtocolName } from "../board/board.ts";

/** All that the System Manager has, in its order: every standard protocol but one. */
export const IMX_PROTOCOLS: readonly ProtocolName[] = PROTOCOL_NAMES.filter((name) => name !== "powercap");

import type { ProtocolServer } from "./server-types.ts";

/** Protocols of vendors' own, with ids from 0x80 on. One more is a file and a line here: docs/vendor-protocols.md. */
export const VENDOR_SERVERS: readonly ProtocolServer[] = [];

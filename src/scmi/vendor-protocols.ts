import type { VendorProtocol } from "./vendor.ts";

/** Protocols of vendors' own. One more is a file and a line here: docs/vendor-protocols.md. */
export const VENDOR_PROTOCOLS: readonly VendorProtocol[] = [];

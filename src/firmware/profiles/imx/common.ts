import type { COMMON } from "#scmi/protocols/common.ts";
import type { Handler } from "../../server-types.ts";

/** Whether the version is ours or an older one of the same major number. Nothing is kept of it. */
export const negotiate: Handler<(typeof COMMON)["NEGOTIATE_PROTOCOL_VERSION"]> = (
  { spoken },
  { version },
) => {
  const isOurs = version >>> 16 === spoken.version >>> 16 && (version & 0xffff) <= (spoken.version & 0xffff);
  return isOurs ? "SUCCESS" : "NOT_SUPPORTED";
};

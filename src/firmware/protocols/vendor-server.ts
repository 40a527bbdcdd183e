import { unpackHeader } from "#scmi/header.ts";
import type { VendorCall, VendorProtocol } from "#scmi/vendor.ts";
import { mayUse } from "../access/permissions.ts";
import type { AnyHandler, Context, ProtocolServer } from "../server-types.ts";
import { commonHandlers } from "./common.ts";

/** The server of a vendor's own protocol: its handlers, and everybody's for the commands that all protocols have alike. */
export function vendorServer(protocol: VendorProtocol): ProtocolServer {
  const own = Object.entries(protocol.handlers).map(([name, handle]): [string, AnyHandler | undefined] => [
    name,
    handle && ((context, request) => handle(callOf(context), request)),
  ]);
  return { protocol, handlers: { ...commonHandlers, ...Object.fromEntries(own) }, delayed: {} };
}

/** What the protocol keeps is a row of the table `vendor`: that of its id. */
function callOf({ board, draft, caller, message, spoken }: Context): VendorCall {
  const row = unpackHeader(message.header).protocolId;
  return {
    caller,
    read: (cell) => draft.get("vendor", row, cell),
    write: (cell, value) => draft.set("vendor", row, cell, value),
    mayUse: (deviceId) => mayUse(board, draft, caller, deviceId, spoken.name),
  };
}

import type { FastifyInstance } from "fastify";
import { devices } from "#projections/queries/devices.ts";
import type { ApiContext } from "../context.ts";
import { Devices, DevicesQuery } from "../contract.ts";
import { read } from "../define.ts";

export function deviceRoutes(app: FastifyInstance, context: ApiContext): void {
  read(app, context, {
    method: "GET",
    url: "/v1/devices",
    id: "listDevices",
    tag: "devices",
    summary: "Every SCMI device of the board, with its resources and its nodes in the device tree",
    query: DevicesQuery,
    answer: Devices,
    projection: "devices",
    handle: ({ query: { limit = 1000, after } }) => devices(context.reads.db, { limit, after }),
  });
}

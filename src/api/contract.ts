/** The contract of the REST API: every request and every answer, as schemas that validate, describe and type them. */
export * from "./contract/agents.ts";
export * from "./contract/audit.ts";
export * from "./contract/domains.ts";
export * from "./contract/events.ts";
export * from "./contract/exports.ts";
export * from "./contract/host.ts";
export * from "./contract/permissions.ts";
export * from "./contract/problem.ts";
export * from "./contract/state.ts";
export * from "./contract/values.ts";
export * from "./contract/what-if.ts";

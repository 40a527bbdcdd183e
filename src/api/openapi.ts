import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import type { FastifyInstance } from "fastify";
import { jsonSchemaTransform, jsonSchemaTransformObject } from "fastify-type-provider-zod";
import { type OpenApiDocument, tidied } from "./openapi-tidy.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Whether the call may change something: it then has to come from our own site, and may be repeated by its key. */
    isWrite?: boolean;
  }
}

/** Headers that every write takes. */
const WRITE_HEADERS = {
  type: "object",
  properties: {
    "idempotency-key": {
      type: "string",
      minLength: 1,
      maxLength: 255,
      description:
        "The same key with the same method, path and body is done once, and answered alike, also after a restart; such an answer " +
        "has the header Idempotency-Replayed. A refusal that recorded no event is not kept: there is nothing to do twice.",
    },
  },
} as const;

const TAGS = [
  { name: "host", description: "The machine as a whole." },
  { name: "agents", description: "SCMI agents, and what the firmware is told about them." },
  { name: "domains", description: "Domains: who holds which agent, and what guests do." },
  { name: "devices", description: "SCMI devices: resources that a permission covers together." },
  { name: "permissions", description: "Who may use which device, when, and why." },
  { name: "exports", description: "Files that make the same machine, made of it as it is." },
  { name: "audit", description: "Who had what, when and why, whether it was used, and proof of it." },
  { name: "events", description: "The log." },
  { name: "replay", description: "The machine's state at any moment, and proof that the log leads there." },
  { name: "health", description: "For whoever watches the server." },
];

/** Describes every call that is added later: /openapi.json from the schemas that validate, /docs to browse it, all of it local. */
export async function describeCalls(app: FastifyInstance, program: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "scmi-control-plane",
        version: program,
        description:
          "64-bit and address values are hex strings, ids are numbers, bytes are lowercase hex. Refusals are application/problem+json. " +
          "Unknown fields and parameters are errors.",
        license: { name: "Apache-2.0", identifier: "Apache-2.0" },
      },
      servers: [{ url: "/" }],
      tags: TAGS,
    },
    convertConstToEnum: false,
    transform: (document) => {
      const transformed = jsonSchemaTransform(document as Parameters<typeof jsonSchemaTransform>[0]);
      const isWrite = document.route.config?.isWrite === true;
      return isWrite
        ? { ...transformed, schema: { ...transformed.schema, headers: WRITE_HEADERS } }
        : transformed;
    },
    transformObject: (document) => tidied(jsonSchemaTransformObject(document) as OpenApiDocument),
  });
  await app.register(swaggerUi, {
    routePrefix: "/docs",
    staticCSP:
      "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'",
    uiConfig: { deepLinking: true, tryItOutEnabled: true },
  });
  app.get("/openapi.json", { schema: { hide: true } }, (_request, reply) => {
    reply.type("application/json").send(JSON.stringify(app.swagger()));
  });
}

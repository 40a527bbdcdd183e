import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { PROBLEMS } from "#base/problems.ts";
import { RestHost } from "../support/rest.ts";

interface Operation {
  readonly operationId?: string;
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly schema: unknown;
  }[];
  readonly requestBody?: { readonly required: boolean; readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content: Content }>>;
}
type Content = Readonly<Record<string, { readonly schema: unknown }>>;

interface Document {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
}

let host: RestHost;
let document: Document;
beforeAll(async () => {
  host = await RestHost.start();
  document = (await host.get("/openapi.json")).body;
});
afterAll(() => host.end());

const operations = (): [path: string, method: string, operation: Operation][] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, string, Operation] => [
      path,
      method,
      operation,
    ]),
  );

/** The calls of the design, and the guest's own ending. */
const CALLS = `
get /healthz
get /readyz
get /metrics
get /v1/host
post /v1/host/reboot
post /v1/host/firmware/complete
put /v1/sensors/{sensorId}
get /v1/agents
get /v1/agents/{agentId}
post /v1/agents/{agentId}/reset
put /v1/agents/{agentId}/devices/{deviceId}
get /v1/domains
get /v1/domains/{domid}
post /v1/domains
delete /v1/domains/{domid}
post /v1/domains/{domid}/restart
post /v1/domains/{domid}/shutdown
post /v1/domains/{domid}/devices
post /v1/domains/{domid}/smc
post /v1/domains/{domid}/scmi
post /v1/domains/{domid}/p2a/ack
get /v1/devices
get /v1/permissions
get /v1/permissions/history
get /v1/permissions/explain
get /v1/permissions/diff
get /v1/audit/who
get /v1/bisect
get /v1/audit/use
get /v1/audit/exposure
get /v1/audit/denials
get /v1/audit/export
get /v1/events
get /v1/events/{seq}
get /v1/events/stream
get /v1/audit
get /v1/audit/proof
get /v1/audit/consistency
get /v1/audit/witnesses
get /v1/audit/bundle
get /tlog/checkpoint
get /tlog/tile/{*}
get /v1/state
get /v1/state/diff
post /v1/replay
post /v1/whatif
post /v1/shrink
post /v1/projections/rebuild
get /v1/domains/{domid}/export/xlcfg
get /v1/domains/{domid}/export/partial-tree
get /v1/domains/{domid}/export/guest-tree
get /v1/agents/{agentId}/export/xlcfg
get /v1/agents/{agentId}/export/partial-tree
get /v1/host/export/overlay
get /v1/host/export/dom0-tree
`
  .trim()
  .split("\n");

test("the document lists every call of the design, and no other", () => {
  expect(document.openapi).toBe("3.1.0");
  expect(document.info).toMatchObject({ title: "scmi-control-plane", version: "test" });
  expect(
    operations()
      .map(([path, method]) => `${method} ${path}`)
      .sort(),
  ).toEqual([...CALLS].sort());
});

test("every call has a name of its own, a summary, a tag that is explained, and answers", () => {
  const ids = operations().map(([, , { operationId }]) => operationId);
  expect(new Set(ids).size).toBe(ids.length);
  const tags = document.tags.map(({ name }) => name);
  for (const [path, , { operationId, summary, tags: used = [], responses }] of operations()) {
    expect(operationId, path).toMatch(/^[a-z][A-Za-z]+$/);
    expect(summary, path).toMatch(/^[A-Z].*[^.]$/);
    expect(used.length, path).toBe(1);
    expect(tags, path).toEqual(expect.arrayContaining([...used]));
    const statuses = Object.keys(responses);
    expect(
      statuses.filter((status) => status.startsWith("2")),
      path,
    ).toHaveLength(1);
    for (const [status, { description, content }] of Object.entries(responses)) {
      expect(description, path).not.toBe("");
      const isProblem = !status.startsWith("2");
      expect(Object.keys(content)[0] === "application/problem+json", path).toBe(isProblem);
    }
  }
});

test("every parameter of a path is described, and is required", () => {
  for (const [path, , { parameters = [] }] of operations()) {
    const inPath = parameters.filter((parameter) => parameter.in === "path");
    const named = [...path.matchAll(/\{([\w*]+)\}/g)].map((match) => match[1]);
    expect(inPath.map(({ name }) => name)).toEqual(named);
    expect(inPath.every(({ required }) => required === true)).toBe(true);
  }
});

test("writes take an Idempotency-Key, reads do not", () => {
  for (const [path, method, { operationId, parameters = [] }] of operations()) {
    const isCommand =
      method !== "get" && !["replay", "whatIf", "shrink", "rebuildProjections"].includes(operationId ?? "");
    const takesKey = parameters.some(
      ({ name, in: where }) => where === "header" && name === "idempotency-key",
    );
    expect([path, method, takesKey]).toEqual([path, method, isCommand]);
  }
});

test("a body is required where a field of it is", () => {
  const required = (id: string) =>
    operations().find(([, , { operationId }]) => operationId === id)?.[2].requestBody?.required;
  expect(required("createDomain")).toBe(true);
  expect(required("smc")).toBe(true);
  expect(required("rebootHost")).toBe(false);
  expect(required("destroyDomain")).toBe(false);
});

test("every reference leads somewhere, and every schema is referred to", () => {
  const used = new Set<string>();
  walk(document, (key, value) => {
    if (key === "$ref") used.add(String(value));
  });
  const known = Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`);
  expect([...used].sort()).toEqual(known.sort());
});

const TypeName = z.enum(["object", "array", "string", "integer", "number", "boolean", "null"]);

/** JSON Schema 2020-12, as far as the document uses it: a word that is not in here is a typo, or belongs in here. */
const Schema: z.ZodType = z.lazy(() =>
  z.strictObject({
    $ref: z.string().startsWith("#/components/schemas/").optional(),
    type: z.union([TypeName, z.array(TypeName).min(2)]).optional(),
    description: z.string().optional(),
    properties: z.record(z.string(), Schema).optional(),
    required: z.array(z.string()).optional(),
    additionalProperties: z.union([z.boolean(), Schema]).optional(),
    propertyNames: Schema.optional(),
    items: Schema.optional(),
    anyOf: z.array(Schema).min(1).optional(),
    enum: z.array(z.unknown()).min(1).optional(),
    const: z.unknown().optional(),
    pattern: z
      .string()
      .refine((text) => new RegExp(text, "u") instanceof RegExp)
      .optional(),
    minimum: z.number().optional(),
    maximum: z.number().optional(),
    minLength: z.int().min(0).optional(),
    maxLength: z.int().min(0).optional(),
    minItems: z.int().min(0).optional(),
    maxItems: z.int().min(0).optional(),
    multipleOf: z.number().optional(),
  }),
);

test("every schema is one", () => {
  const schemas = Object.entries(document.components.schemas);
  for (const [path, method, { parameters = [], requestBody, responses }] of operations()) {
    const where = `${method} ${path}`;
    for (const { name, schema } of parameters) schemas.push([`${where} ${name}`, schema]);
    for (const content of [requestBody, ...Object.values(responses)].flatMap((part) =>
      part ? [part.content] : [],
    )) {
      for (const { schema } of Object.values(content)) schemas.push([where, schema]);
    }
  }
  for (const [where, schema] of schemas) {
    expect(Schema.safeParse(schema).error?.message, where).toBeUndefined();
    walk(schema, (key, value, object) => {
      if (key !== "required" || !Array.isArray(value)) return;
      const { properties = {} } = object as { properties?: object };
      expect(Object.keys(properties), where).toEqual(expect.arrayContaining(value));
    });
  }
});

test("refusals are described with every code that there is", () => {
  const schema = document.components.schemas["Problem"] as { properties: { code: { enum: string[] } } };
  expect(schema.properties.code.enum).toEqual(Object.keys(PROBLEMS));
});

test("/docs shows it, and asks nobody else for anything", async () => {
  const page = await host.get("/docs");
  expect(page.status).toBe(200);
  expect(page.headers["content-security-policy"]).toContain("default-src 'self'");
  const assets = [...String(page.body).matchAll(/(?:src|href)="([^"]+)"/g)].map(
    (match) => match[1] as string,
  );
  expect(assets.length).toBeGreaterThan(3);
  for (const asset of assets) {
    expect(asset).toMatch(/^\/docs\//);
    expect((await host.get(asset)).status, asset).toBe(200);
  }
  expect((await host.get("/docs/json")).body).toEqual(document);
});

function walk(value: unknown, visit: (key: string, value: unknown, object: object) => void): void {
  if (typeof value !== "object" || value === null) return;
  for (const [key, member] of Object.entries(value)) {
    visit(key, member, value);
    walk(member, visit);
  }
}

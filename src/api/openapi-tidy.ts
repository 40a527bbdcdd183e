/** Parts of an OpenAPI document, as far as they are touched here. */
export interface OpenApiDocument {
  readonly paths?: { readonly [path: string]: { readonly [method: string]: Operation } };
  readonly components?: { readonly schemas?: { readonly [name: string]: unknown } };
}

interface Operation {
  readonly requestBody?: {
    required?: boolean;
    readonly content: {
      readonly [type: string]: { readonly schema: { readonly required?: unknown; readonly anyOf?: unknown } };
    };
  };
}

/**
 * Makes a generated document say what is true: a body whose fields may all be left out may be left out itself, and schemas that nothing
 * refers to are not there (each is generated twice, as input and as output).
 */
export function tidied<Document extends OpenApiDocument>(document: Document): Document {
  for (const operations of Object.values(document.paths ?? {})) {
    for (const { requestBody } of Object.values(operations)) {
      if (requestBody === undefined) continue;
      const schemas = Object.values(requestBody.content).map(({ schema }) => schema);
      requestBody.required = schemas.some(
        ({ required, anyOf }) => required !== undefined || anyOf !== undefined,
      );
    }
  }
  const schemas = document.components?.schemas ?? {};
  const used = new Set<string>();
  collect(document.paths, schemas, used);
  const kept = Object.entries(schemas).filter(([name]) => used.has(name));
  return { ...document, components: { ...document.components, schemas: Object.fromEntries(kept) } };
}

const REFERENCE = "#/components/schemas/";

function collect(value: unknown, schemas: Readonly<Record<string, unknown>>, used: Set<string>): void {
  if (typeof value !== "object" || value === null) return;
  for (const [key, member] of Object.entries(value)) {
    if (key !== "$ref" || typeof member !== "string") {
      collect(member, schemas, used);
      continue;
    }
    const name = member.slice(REFERENCE.length);
    if (used.has(name)) continue;
    used.add(name);
    collect(schemas[name], schemas, used);
  }
}

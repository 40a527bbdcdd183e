import type { FastifyRequest } from "fastify";

/** Path of a request without its query, cut where it is longer than anybody needs to see. */
export function pathOf({ url }: Pick<FastifyRequest, "url">): string {
  const [path = ""] = url.split("?");
  return path.length > 200 ? `${path.slice(0, 200)}…` : path;
}

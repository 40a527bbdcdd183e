import { join } from "node:path";
import { z } from "zod";
import { createServer } from "#api/server.ts";
import { isProblem } from "#base/problem.ts";
import { openExample } from "./host.ts";

/** Run by http.ts: the example board behind the real server, and beside its routes a POST that does nothing. */
const control = await openExample(join(process.argv[2] as string, "http.db"));
const server = await createServer({ control, program: "bench" });
if (isProblem(server)) throw new Error(server.detail);
const Nothing = z.strictObject({ x: z.array(z.string()), shmem: z.string() });
server.app.route({
  method: "POST",
  url: "/bench/nothing",
  config: { isWrite: true },
  schema: { body: Nothing },
  handler: async (_request, reply) => reply.type("application/json; charset=utf-8").send('{"seq":0}'),
});
const url = await server.listen({ host: "127.0.0.1", port: 0 });
if (isProblem(url)) throw new Error(url.detail);
console.log(url);
process.on("SIGTERM", async () => {
  await server.close();
  await control.close();
  process.exit(0);
});

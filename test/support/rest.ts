import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer, type Server, type ServerOptions } from "#api/server.ts";
import { isProblem, type Problem } from "#base/problem.ts";
import type { HostDescription } from "#config/board/board.ts";
import { Control } from "#control/control.ts";
import { loadHost } from "#inputs/load-host.ts";

/** What a server answered. `body` is JSON where the answer was JSON, else text. */
export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into it as they like
  readonly body: any;
}

/** A request; `body` is sent as JSON, `raw` as it is. */
export interface Asking {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly raw?: string | Uint8Array;
}

/** The board of `examples/two-guests`, or of another example. */
async function exampleHost(name = "two-guests"): Promise<HostDescription> {
  return whole(await loadHost(`examples/${name}/board.yaml`));
}

/** A served host on a log in a folder of its own. Time starts at a fixed moment, a millisecond a command. */
export class RestHost {
  readonly folder: string = mkdtempSync(join(tmpdir(), "scmi-api-"));
  readonly #description: HostDescription | null;
  #options: Partial<ServerOptions>;
  #now = Date.UTC(2026, 10, 20, 23, 49, 28) * 1000;
  control!: Control;
  server!: Server;
  url = "";

  private constructor(description: HostDescription | null, options: Partial<ServerOptions>) {
    this.#description = description;
    this.#options = options;
  }

  static async start(options: Partial<ServerOptions> = {}, description?: HostDescription): Promise<RestHost> {
    const host = new RestHost(description ?? (await exampleHost()), options);
    await host.open();
    return host;
  }

  /** Serves a copy of a log that is there, as it is. */
  static async ofLog(log: string, options: Partial<ServerOptions> = {}): Promise<RestHost> {
    const host = new RestHost(null, options);
    for (const end of ["", ".audit-key", ".audit-checkpoint"]) {
      if (existsSync(`${log}${end}`)) copyFileSync(`${log}${end}`, `${host.file}${end}`);
    }
    await host.open();
    return host;
  }

  get file(): string {
    return join(this.folder, "log.db");
  }

  async open(): Promise<void> {
    const clock = () => {
      this.#now += 1000;
      return this.#now;
    };
    this.control = whole(
      await Control.open({
        file: this.file,
        description: this.#description,
        newBoard: false,
        clock,
        program: this.#options.program ?? "test",
        checkInvariants: true,
      }),
    );
    const { control } = this;
    this.server = whole(
      await createServer({
        control,
        program: "test",
        logLevel: "silent",
        checkAnswers: true,
        ...this.#options,
      }),
    );
    this.url = whole(await this.server.listen({ host: "127.0.0.1", port: 0 }));
  }

  /** How the server is started when it is opened again. */
  configure(options: Partial<ServerOptions>): void {
    this.#options = options;
  }

  async close(): Promise<void> {
    await this.server.close();
    await this.control.close();
  }

  /** Closes the host and opens it again on the same log. */
  async restart(): Promise<void> {
    await this.close();
    await this.open();
  }

  /** Closes the host for good. */
  async end(): Promise<void> {
    await this.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** Asks the server. Every header can be set, Host too. */
  ask(method: string, path: string, { headers = {}, body, raw }: Asking = {}): Promise<Answer> {
    const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const type = body === undefined ? {} : { "content-type": "application/json" };
    const length = payload === undefined ? {} : { "content-length": String(Buffer.byteLength(payload)) };
    return new Promise((resolve, reject) => {
      const request = http.request(
        // Not `url + path`: a path is to arrive as it is written.
        {
          host: "127.0.0.1",
          port: this.port,
          method,
          path,
          headers: { ...type, ...length, ...headers },
          agent: false,
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("error", reject);
          response.on("end", () => {
            const text = Buffer.concat(chunks).toString();
            const isJson = /json/.test(response.headers["content-type"] ?? "");
            const { statusCode: status = 0, headers } = response;
            resolve({ status, headers, body: isJson && text !== "" ? JSON.parse(text) : text });
          });
        },
      );
      request.on("error", reject);
      request.end(payload);
    });
  }

  get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.ask("GET", path, { headers });
  }

  post(path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.ask("POST", path, { body, headers });
  }

  /** Creates a guest that holds an agent, and its devices. */
  guest(name: string, agentId: number, dtdev: readonly string[] = []): Promise<Answer> {
    return this.post("/v1/domains", { name, sci: { type: "scmi_smc_multiagent", agentId }, dtdev });
  }
}

/** A result that is no refusal. */
export function whole<T>(result: T | Problem): T {
  if (isProblem(result)) throw new Error(`${result.code}: ${result.detail}`);
  return result;
}

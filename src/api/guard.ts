import { type Problem, problem } from "#base/problem.ts";
import { show } from "#config/board-fields.ts";

/**
 * Who may write. Loopback is not trust: any web page in a browser on this machine can post to localhost, and a name server can point
 * a page's own name here. Such requests carry that page's Origin, or its name as Host.
 */
export class OriginGuard {
  #hosts: readonly string[] = [];
  #allowed: ReadonlySet<string> = new Set();

  /** From now on the server is reached at this port, and was asked to listen on this host. */
  serve(host: string, port: number): void {
    const names = [...new Set([plain(host), "localhost", "127.0.0.1", "[::1]"])];
    this.#hosts = names.map((name) => `${name}:${port}`);
    this.#allowed = new Set([...this.#hosts, ...(port === 80 ? names : [])]);
  }

  /** What a write's headers are refused for, or null. */
  refusal(host: string | undefined, origin: string | undefined): Problem | null {
    if (host === undefined || !this.#allowed.has(host.toLowerCase())) {
      return problem("origin-refused", { header: "Host", found: show(host), allowed: this.#hosts });
    }
    if (origin === undefined) return null;
    const site = origin.toLowerCase();
    if (site.startsWith("http://") && this.#allowed.has(site.slice("http://".length))) return null;
    const allowed = this.#hosts.map((name) => `http://${name}`);
    return problem("origin-refused", { header: "Origin", found: show(origin), allowed });
  }
}

/** A host as URLs have it: IPv6 addresses in brackets. */
export function plain(host: string): string {
  return host.includes(":") ? `[${host.toLowerCase()}]` : host.toLowerCase();
}

import { type Problem, problem } from "#base/problem.ts";
import { show } from "#config/board/fields.ts";

const DEFAULT_PORTS = { http: 80, https: 443 } as const;

/**
 * Who may call. Loopback is not trust: any web page in a browser on this machine can post to localhost, and a name server can point
 * a page's own name here. Such requests carry that page's Origin, or its name as Host.
 */
export class OriginGuard {
  #hosts: readonly string[] = [];
  #allowed: ReadonlySet<string> = new Set();
  #scheme: "http" | "https" = "http";

  /** From now on the server is reached at this port, and was asked to listen on this host. */
  serve(scheme: "http" | "https", host: string, port: number): void {
    this.#scheme = scheme;
    const names = [...new Set([plain(host), "localhost", "127.0.0.1", "[::1]"])];
    this.#hosts = names.map((name) => `${name}:${port}`);
    this.#allowed = new Set([...this.#hosts, ...(port === DEFAULT_PORTS[scheme] ? names : [])]);
  }

  /** What a read's headers are refused for, or null: a name that somebody else points here may not read either. */
  readRefusal(host: string | undefined): Problem | null {
    return this.#hosts.length === 0 ? null : this.#hostRefusal(host);
  }

  /** What a write's headers are refused for, or null. */
  writeRefusal(host: string | undefined, origin: string | undefined): Problem | null {
    return this.#hostRefusal(host) ?? this.#originRefusal(origin);
  }

  /** The same where every caller has a token, which no other site's page has: the server may be reached by any name. */
  tokenRefusal(host: string | undefined, origin: string | undefined): Problem | null {
    if (origin === undefined || host === undefined) return null;
    const own = `${this.#scheme}://${host.toLowerCase()}`;
    return origin.toLowerCase() === own
      ? null
      : problem("origin-refused", { header: "Origin", found: show(origin), allowed: [own] });
  }

  #hostRefusal(host: string | undefined): Problem | null {
    if (host === undefined || !this.#allowed.has(host.toLowerCase())) {
      return problem("origin-refused", { header: "Host", found: show(host), allowed: this.#hosts });
    }
    return null;
  }

  #originRefusal(origin: string | undefined): Problem | null {
    if (origin === undefined) return null;
    const site = origin.toLowerCase();
    const scheme = `${this.#scheme}://`;
    if (site.startsWith(scheme) && this.#allowed.has(site.slice(scheme.length))) return null;
    const allowed = this.#hosts.map((name) => `${scheme}${name}`);
    return problem("origin-refused", { header: "Origin", found: show(origin), allowed });
  }
}

/** A host as URLs have it: IPv6 addresses in brackets. */
export function plain(host: string): string {
  return host.includes(":") ? `[${host.toLowerCase()}]` : host.toLowerCase();
}

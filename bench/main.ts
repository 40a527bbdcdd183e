import { benchAppend } from "./append.ts";
import { benchAudit } from "./audit.ts";
import { benchAuditVerify } from "./audit-verify.ts";
import { benchDebugging } from "./debugging.ts";
import { benchHttp } from "./http.ts";
import { benchLog } from "./log.ts";
import { benchProtocols } from "./protocols.ts";

const BENCHES = {
  protocols: benchProtocols,
  append: benchAppend,
  http: benchHttp,
  log: benchLog,
  debug: benchDebugging,
  audit: benchAudit,
  "audit-verify": benchAuditVerify,
} as const;

const asked = process.argv.slice(2) as (keyof typeof BENCHES)[];
for (const name of asked.length > 0 ? asked : (Object.keys(BENCHES) as (keyof typeof BENCHES)[])) {
  await BENCHES[name]();
}

/**
 * The catalogue of refusals. Codes are stable and append-only, never reused; `docs/problems.md` lists them and a test holds
 * the two equal. `detail` says what was found and what is allowed; `hint` says what to do next.
 */
interface Entry<Params> {
  readonly detail: (params: Params) => string;
  readonly hint: string;
}

function says<Params>(detail: (params: Params) => string, hint: string): Entry<Params> {
  return { detail, hint };
}

export const PROBLEMS = {
  // What users feed in.
  "file-unreadable": says<{ file: string; why: string }>(
    (p) => `${p.file} cannot be read: ${p.why}`,
    "Check the path and its permissions; paths in a board file are relative to that file.",
  ),
  "file-too-large": says<{ file: string; bytes: number; bytesMax: number }>(
    (p) => `${p.file} has ${p.bytes} bytes; at most ${p.bytesMax} are read`,
    "Give the right file, or a smaller one.",
  ),
  "board-invalid": says<{ file: string; issues: readonly string[] }>(
    (p) => `${p.file} is not a board file: ${p.issues.join("; ")}`,
    "Each issue names the path, what was found and what is allowed; docs/board-file.md describes every field.",
  ),
  "board-unsupported": says<{ what: string; allowed: string }>(
    (p) => `${p.what} is not built yet; allowed are ${p.allowed}`,
    "Change the board file; docs/board-file.md says what is supported.",
  ),
  "board-changed": says<{ recorded: string; given: string }>(
    (p) => `the board differs from the one in the log (recorded ${p.recorded}, given ${p.given})`,
    "Give --new-board to record the new board and boot it, or --db to start another log.",
  ),
  "device-tree-invalid": says<{ file: string; why: string }>(
    (p) => `${p.file} is not a device tree: ${p.why}`,
    "Give a flattened device tree (.dtb), or a source (.dts) that dtc compiles.",
  ),
  "dtc-missing": says<{ file: string }>(
    (p) => `${p.file} is a device-tree source, and dtc is not installed`,
    "Install the package device-tree-compiler, or name a compiled .dtb in the board file.",
  ),
  "fdtoverlay-missing": says<{ file: string }>(
    (p) => `${p.file} is an overlay to be applied, and fdtoverlay is not installed`,
    "Install the package device-tree-compiler.",
  ),
  "overlay-refused": says<{ file: string; why: string }>(
    (p) => `${p.file} cannot be applied to the device tree: ${p.why}`,
    "Check that the tree is the one that the overlay is for; labels need a tree compiled with dtc -@.",
  ),
  "file-unwritable": says<{ file: string; why: string }>(
    (p) => `${p.file} cannot be written: ${p.why}`,
    "Check the path and its permissions; an export without --out is printed.",
  ),
  "not-exportable": says<{ what: string; why: string }>(
    (p) => `${p.what} cannot be exported: ${p.why}`,
    "docs/exports.md says what each export needs.",
  ),
  "imx-config-invalid": says<{ issues: readonly string[] }>(
    (p) => `the System Manager configuration is refused: ${p.issues.join("; ")}`,
    "Each issue names the file and the line; --include DIR names further folders for includes. docs/imports.md describes the format.",
  ),
  "not-importable": says<{ what: string; why: string }>(
    (p) => `${p.what} cannot be imported: ${p.why}`,
    "docs/imports.md says what each import needs, and what its options are.",
  ),
  "xlcfg-invalid": says<{ issues: readonly string[] }>(
    (p) => `the xl.cfg is refused: ${p.issues.join("; ")}`,
    "Correct the lines named; docs/xlcfg.md lists what xl accepts.",
  ),
  // What Xen, its toolstack and the firmware refuse.
  "host-panicked": says<{ message: string }>(
    (p) => `the host has panicked: ${p.message}`,
    "Reboot the host (POST /v1/host/reboot); if it panics again, correct the board or its device tree.",
  ),
  "host-not-booted": says<Record<never, never>>(
    () => "Xen has not booted on this host",
    "Reboot the host (host.reboot) to boot Xen.",
  ),
  "domain-not-found": says<{ domain: string }>(
    (p) => `there is no domain ${p.domain}`,
    "List the domains with GET /v1/domains or scmictl domain list.",
  ),
  "domain-dying": says<{ domid: number }>(
    (p) => `domain ${p.domid} is dying: its agent could not be reset`,
    "Destroy it again once the cause is gone; until then it keeps its agent.",
  ),
  "domain-not-running": says<{ domid: number; state: string }>(
    (p) => `domain ${p.domid} is ${p.state}, not running`,
    "Restart or destroy the domain.",
  ),
  "domain-creation-refused": says<{ name: string; message: string }>(
    (p) => `domain ${p.name} was not created: ${p.message}`,
    "The event says at which step; GET /v1/agents shows who holds which agent.",
  ),
  "domain-destroy-refused": says<{ domid: number; message: string }>(
    (p) => `domain ${p.domid} was not destroyed: ${p.message}`,
    "A dying domain keeps its agent until a later destroy succeeds; findings in GET /v1/host say what is stuck.",
  ),
  "domain-restart-refused": says<{ name: string; half: "destroy" | "create"; message: string }>(
    (p) => `restarting ${p.name} failed in its ${p.half} half: ${p.message}`,
    "The domain is not running now; destroy what is left of it, correct the cause and create it again.",
  ),
  "device-assignment-refused": says<{ path: string; domid: number; message: string }>(
    (p) => `${p.path} was not assigned to domain ${p.domid}: ${p.message}`,
    "Permissions granted before the failure stay until the domain's agent is reset.",
  ),
  "mediator-not-ready": says<Record<never, never>>(
    () => "no multi-agent mediator is registered, so Xen has no management channel",
    "GET /v1/host shows which step of the probe failed.",
  ),
  "mediator-without-management": says<Record<never, never>>(
    () => "Xen's single-agent mediator has no management channel: it sends no message of its own",
    "Send the message as the domain that owns SCMI, if the firmware trusts its agent; or give Xen a channel with xen.mediator: multi-agent.",
  ),
  "agent-not-found": says<{ agentId: number }>(
    (p) => `the firmware knows no agent ${p.agentId}`,
    "List the agents with GET /v1/agents or scmictl agent list.",
  ),
  "domain-without-channel": says<{ domid: number }>(
    (p) => `domain ${p.domid} has no SCMI channel`,
    'Create the domain with arm_sci = "type=scmi_smc_multiagent,agent_id=N", or "type=scmi_smc" on a host of the single-agent mediator.',
  ),
  "channel-busy": says<{ agentId: number }>(
    (p) => `the channel of agent ${p.agentId} is not free: an earlier message was never completed`,
    "Findings in GET /v1/host say since which event; a host reboot frees it.",
  ),
  "agent-without-p2a": says<{ agentId: number }>(
    (p) => `agent ${p.agentId} has no platform-to-agent page`,
    "Give the agent one in the board file (firmware.agents[].p2a); without it the firmware tells it nothing.",
  ),
  "p2a-page-free": says<{ agentId: number }>(
    (p) => `the platform-to-agent page of agent ${p.agentId} is FREE: there is nothing to acknowledge`,
    "GET /v1/agents/{agentId} shows what lies in the page and what waits for it.",
  ),
  "nothing-pending": says<{ what: string }>(
    (p) => `no asynchronous command is pending${p.what}`,
    "GET /v1/agents/{agentId} lists what an agent has pending; a host reboot forgets it.",
  ),
  "sensor-not-found": says<{ sensorId: number }>(
    (p) => `the board lists no sensor ${p.sensorId}`,
    "firmware.sensors of the board file lists them.",
  ),
  "sensor-axes": says<{ sensorId: number; axes: number; given: number }>(
    (p) => `sensor ${p.sensorId} has ${p.axes} readings; ${p.given} were given`,
    "Give one reading for each axis, or one for a sensor without axes.",
  ),
  "scmi-unknown-message": says<{ protocol: string; message: string; known: readonly string[] }>(
    (p) => `there is no message ${p.message} of protocol ${p.protocol}; known are ${p.known.join(", ")}`,
    "Give names or numbers; docs/protocols.md lists them. A payload in hex goes with any number.",
  ),
  "scmi-invalid-params": says<{ issues: readonly string[] }>(
    (p) => `the parameters do not fit the message: ${p.issues.join("; ")}`,
    "docs/protocols.md lists every field of every message.",
  ),
  // The log file.
  "log-not-found": says<{ file: string }>(
    (p) => `there is no log at ${p.file}`,
    "Check the path; scmictl serve makes a new log, the reading commands do not.",
  ),
  "log-not-a-log": says<{ file: string; why: string }>(
    (p) => `${p.file} is not a log of this program: ${p.why}`,
    "Give the .db file that scmictl serve printed, or another path for a new log.",
  ),
  "log-too-new": says<{ file: string; version: number; versionMax: number }>(
    (p) => `${p.file} has schema version ${p.version}; this program reads up to ${p.versionMax}`,
    "Use the newer program that wrote it.",
  ),
  "log-in-use": says<{ file: string }>(
    (p) => `${p.file} is being written by another server`,
    "Stop that server, or give --db for another log. Reading commands work beside it.",
  ),
  "log-damaged": says<{ file: string; why: string }>(
    (p) => `${p.file} is damaged: ${p.why}`,
    "scmictl replay --db FILE names the row at fault; restore the file from a backup.",
  ),
  "log-unwritable": says<{ why: string }>(
    (p) => `the log cannot be written: ${p.why}`,
    "Nothing was done. Free the disk or mend its fault, then try again; reads go on meanwhile.",
  ),
  "idempotency-key-reused": says<{ key: string }>(
    (p) => `the Idempotency-Key ${p.key} was used for another request`,
    "Take a new key for a new request; the same key goes with the same request only.",
  ),
  "idempotency-in-flight": says<{ key: string }>(
    (p) => `the request with the Idempotency-Key ${p.key} is still under way`,
    "Try again in a moment: the answer will be that request's.",
  ),
  "shutting-down": says<Record<never, never>>(
    () => "the server is shutting down",
    "Nothing was done. Try again when it is up.",
  ),
  "internal-error": says<{ what: string }>(
    (p) => `this is a bug of ours: ${p.what}`,
    "Nothing was done. The server's log has the details; please report them.",
  ),
  "request-invalid": says<{ issues: readonly string[] }>(
    (p) => `the request is refused: ${p.issues.join("; ")}`,
    "Each issue names the field, what was found and what is allowed; unknown fields are errors.",
  ),
  "seq-not-found": says<{ seq: number; headSeq: number }>(
    (p) => `there is no event ${p.seq}: the log has 1 to ${p.headSeq}`,
    "Give a seq of the log; GET /v1/host and scmictl host show its head.",
  ),
  "server-unreachable": says<{ url: string; why: string }>(
    (p) => `no server answers at ${p.url}: ${p.why}`,
    "Start one with scmictl serve --board FILE, name another with --url or SCMICTL_URL, or read a log with --db FILE.",
  ),
  "port-in-use": says<{ host: string; port: number }>(
    (p) => `port ${p.port} of ${p.host} is in use`,
    "Give another port with --port, or stop the program that has it.",
  ),
  "request-malformed": says<{ why: string }>(
    (p) => `the request cannot be read: ${p.why}`,
    "Send well-formed HTTP, and a body of one JSON value in UTF-8.",
  ),
  "request-too-large": says<{ bytesMax: number }>(
    (p) => `the request's body is larger than ${p.bytesMax} bytes`,
    "Send less in one request.",
  ),
  "content-type-unsupported": says<{ found: string }>(
    (p) => `a body of type ${p.found} is not read; allowed is application/json`,
    "Send the header Content-Type: application/json with the body.",
  ),
  "route-not-found": says<{ method: string; path: string; nearest: string | null }>(
    (p) => `there is no ${p.method} ${p.path}${p.nearest === null ? "" : `; did you mean ${p.nearest}?`}`,
    "GET /openapi.json lists every call, and /docs shows them.",
  ),
  "method-not-allowed": says<{ method: string; path: string; allowed: readonly string[] }>(
    (p) => `${p.method} is not for ${p.path}; allowed are ${p.allowed.join(", ")}`,
    "GET /openapi.json lists every call, and /docs shows them.",
  ),
  "origin-refused": says<{ header: "Host" | "Origin"; found: string; allowed: readonly string[] }>(
    (p) => `the header ${p.header} is ${p.found}; writes are taken for ${p.allowed.join(", ")}`,
    "Another site's page may not write here. Call the address that the server printed, without an Origin or with its own.",
  ),
  "tokens-needed": says<{ host: string }>(
    (p) => `${p.host} is not a loopback address, and there are no tokens yet to tell callers apart`,
    "Make tokens with scmictl token create --db LOG first, or listen on 127.0.0.1, ::1 or localhost.",
  ),
  "address-unusable": says<{ host: string; port: number; why: string }>(
    (p) => `${p.host} port ${p.port} cannot be listened on: ${p.why}`,
    "Give another --host or --port.",
  ),
  "device-not-found": says<{ deviceId: number }>(
    (p) => `the firmware knows no device ${p.deviceId}`,
    "List the devices with GET /v1/devices or scmictl device list.",
  ),
  "position-out-of-range": says<{ position: number; headSeq: number }>(
    (p) => `there is no position ${p.position}: the log goes to ${p.headSeq}`,
    "Give a seq of the log, and a range from its lower end to its upper; state and diff also take 0, the moment before the first event.",
  ),
  "partial-tree-unclaimed": says<{ domain: string; domains: readonly string[] }>(
    (p) =>
      `xen.partialTrees names ${p.domain}, and the device tree has no such xen,domain node below /chosen${p.domains.length === 0 ? "" : `, but ${p.domains.join(", ")}`}`,
    "Give the name of the domain's node, with its unit address if it has one, or add the node to the host device tree.",
  ),
  "token-missing": says<Record<string, never>>(
    () => "the request has no token, and this server takes none without",
    "Set SCMICTL_TOKEN, or send Authorization: Bearer TOKEN; scmictl token create makes one.",
  ),
  "token-refused": says<{ why: string }>(
    (p) => `the token is refused: ${p.why}`,
    "Check SCMICTL_TOKEN; scmictl token list shows which tokens there are, scmictl token create makes one.",
  ),
  "role-refused": says<{ name: string; role: string; allowed: readonly string[] }>(
    (p) => `${p.name} is ${p.role}; this call is for ${p.allowed.join(", ")}`,
    "Ask with the token of somebody who may, or have one made with scmictl token create --role.",
  ),
  "token-file-invalid": says<{ file: string; why: string }>(
    (p) => `the tokens in ${p.file} cannot be used: ${p.why}`,
    "Until it is repaired nobody is let in. Restore the file, or move it away, make tokens anew and start the server again.",
  ),
  "token-name-taken": says<{ name: string }>(
    (p) => `there is or was a token named ${p.name}`,
    "The log names people by their tokens, so that a name is given once. Choose another one.",
  ),
  "token-not-found": says<{ token: string; file: string }>(
    (p) => `${p.file} has no token ${p.token}`,
    "scmictl token list shows their ids and names.",
  ),
  "reason-needed": says<Record<string, never>>(
    () => "the request gives no reason, and this server takes no write without",
    'Send a body with "reason", or use scmictl --reason TEXT.',
  ),
  "tls-unusable": says<{ file: string; why: string }>(
    (p) => `${p.file} cannot be used for TLS: ${p.why}`,
    "Give a private key and its certificate in PEM with --tls-key and --tls-cert.",
  ),
  // The audit tree: notes, keys, checkpoints, proofs.
  "note-invalid": says<{ why: string }>(
    (p) => `this is not a signed note: ${p.why}`,
    "Give the file whole and unchanged, as GET /tlog/checkpoint or scmictl audit wrote it.",
  ),
  "note-untrusted": says<{ why: string }>(
    (p) => `the note is not to be trusted: ${p.why}`,
    "Compare the verifier key with the one that you were given when the log began; scmictl audit show prints the log's own.",
  ),
  "key-invalid": says<{ what: string; why: string }>(
    (p) => `this is not ${p.what}: ${p.why}`,
    "Give the one line that scmictl audit show prints, or that the key file holds, unchanged.",
  ),
  "checkpoint-invalid": says<{ why: string }>(
    (p) => `this is not a checkpoint: ${p.why}`,
    "Give a checkpoint as GET /tlog/checkpoint or scmictl audit checkpoint wrote it.",
  ),
  "proof-invalid": says<{ why: string }>(
    (p) => `this is not a proof that holds: ${p.why}`,
    "Give a proof as scmictl audit proof wrote it, unchanged.",
  ),
  "audit-missing": says<{ file: string; what: string }>(
    (p) => `${p.file} has ${p.what}`,
    "A log gets its audit tree when this version of scmictl serve first opens it.",
  ),
  "audit-unready": says<{ done: number; total: number }>(
    (p) => `the audit tree of an older log is being made: ${p.done} of ${p.total} events so far`,
    "Try again in a moment; the server goes on with it while it serves.",
  ),
  "audit-key-missing": says<{ file: string; keyFile: string }>(
    (p) => `${p.file} has signed checkpoints, but its key ${p.keyFile} is not there`,
    "Put the key back from its backup. If it is lost, --new-audit-key goes on under a new one, which verifiers have to be told.",
  ),
  "audit-key-foreign": says<{ keyFile: string; found: string; expected: string }>(
    (p) => `the key in ${p.keyFile} is ${p.found}; the log is signed by ${p.expected}`,
    "Put the log's own key back. If it is lost, --new-audit-key goes on under a new one, which verifiers have to be told.",
  ),
  "log-rolled-back": says<{ file: string; headSeq: number; signedSeq: number }>(
    (p) =>
      `${p.file} ends at event ${p.headSeq}, but a checkpoint over ${p.signedSeq} events was signed: ${p.signedSeq - p.headSeq} are missing`,
    "This is an older copy of the log, or its end was cut off. Put the newest copy back; nothing was written.",
  ),
  "log-rewritten": says<{ file: string; signedSeq: number }>(
    (p) => `the first ${p.signedSeq} events of ${p.file} are not those that were signed`,
    "scmictl audit verify --db FILE names what was changed. Put an unaltered copy back; nothing was written.",
  ),
  "witness-state-invalid": says<{ file: string; why: string }>(
    (p) => `${p.file} is not the state of a witness: ${p.why}`,
    "Put it back from its backup: without it the witness would forget what it has seen.",
  ),
  "witness-state-missing": says<{ file: string; keyFile: string }>(
    (p) => `there is a witness's key in ${p.keyFile}, but its state ${p.file} is not there`,
    "Put the state back from its backup. If it is lost, move the key away too: the witness begins anew under another key, which the logs have to be told.",
  ),
  "witness-key-foreign": says<{ keyFile: string; found: string | null; expected: string }>(
    (p) =>
      `the key in ${p.keyFile} is ${p.found ?? "not there"}; the state of this witness belongs to ${p.expected}`,
    "Put the witness's own key back. If it is lost, move its state away too: the witness begins anew under another key, which the logs have to be told.",
  ),
  "evidence-unavailable": says<{ why: string }>(
    (p) => `there is no evidence for this: ${p.why}`,
    "Ask about a moment from the first host boot on that is signed; scmictl audit checkpoint signs what is committed.",
  ),
  "evidence-too-large": says<{ events: number; eventsMax: number; bootSeq: number; at: number }>(
    (p) =>
      `the evidence is ${p.events} events, all from the host boot (event ${p.bootSeq}) to event ${p.at}; allowed are ${p.eventsMax}`,
    "Ask about a moment sooner after its host boot, or give the log itself away: scmictl backup, then scmictl audit verify.",
  ),
  "tile-not-found": says<{ path: string; size: number }>(
    (p) => `there is no ${p.path} in a tree of ${p.size} events`,
    "C2SP tlog-tiles says which tiles a tree has; GET /tlog/checkpoint gives the size.",
  ),
  "subject-not-found": says<{ kind: string; name: string }>(
    (p) => `there is and was no ${p.kind} ${JSON.stringify(p.name)}`,
    "Name it as GET /v1/agents, /v1/devices or /v1/domains do, by id or name; a name means what the board of now calls so.",
  ),
  "import-invalid": says<{ file: string; line: number; why: string }>(
    (p) => `line ${p.line} of ${p.file}: ${p.why}`,
    "Nothing was imported. Give a whole export: scmictl export events --format jsonl, from the first event to the line that ends it.",
  ),
  "backup-altered": says<{ file: string; detail: string; count: number }>(
    (p) => `${p.file} does not verify: ${p.detail}${p.count === 1 ? "" : `, and ${p.count - 1} more`}`,
    "Nothing was restored. scmictl audit verify --db FILE names each fault; take another backup.",
  ),
  "log-exists": says<{ file: string }>(
    (p) => `${p.file} is there already`,
    "Give the path of a new file; a log or a pack that is there is never written over.",
  ),
  "log-observed": says<Record<never, never>>(
    () => "this log holds what was observed on a real machine, and has no host",
    "Its events can be read, and compared with a board (scmictl compare); a host needs a log of its own: scmictl serve --board FILE.",
  ),
  "trace-without-events": says<{ file: string; source: string; lines: number; instead: string | null }>(
    (p) =>
      `${p.file} holds nothing that import ${p.source} knows, in ${p.lines} lines${p.instead === null ? "" : `: ${p.instead}`}`,
    "docs/traces.md says what is read, and how a board is made to write it.",
  ),
  "expression-invalid": says<{ expression: string; at: number; found: string; allowed: string }>(
    (p) => `in "${p.expression}", character ${p.at}: found ${p.found}, allowed is ${p.allowed}`,
    "docs/debugging.md describes expressions, such as: allowed(2, 1) and not exists(mediator.domain[3]).",
  ),
  "bisect-unfit": says<{ expression: string; position: number; found: boolean }>(
    (p) => `"${p.expression}" is ${p.found} after event ${p.position}, where it should be ${!p.found}`,
    "It has to hold after --good and not after --bad: turn it round with not ( … ), or choose other moments.",
  ),
  "debug-command-unknown": says<{ found: string; allowed: readonly string[] }>(
    (p) => `${p.found} is no command of the debugger; there are ${p.allowed.join(", ")}`,
    "Type help for what they do; docs/debugging.md shows a session.",
  ),
  "debug-argument-invalid": says<{ command: string; found: string; allowed: string }>(
    (p) => `${p.command}: found ${p.found}, allowed is ${p.allowed}`,
    "Type help for what each command takes.",
  ),
  "shrink-unfit": says<{ expression: string; position: number }>(
    (p) =>
      `"${p.expression}" is true after event ${p.position}: there is nothing to show with fewer commands`,
    "Give with --to a moment at which it is false; scmictl bisect finds the first.",
  ),
  "position-outside-pack": says<{ position: number; firstSeq: number; lastSeq: number }>(
    (p) => `position ${p.position} is not in this pack, which goes from ${p.firstSeq} to ${p.lastSeq}`,
    "Give a seq of the pack, or the one before its first; everything else is in the log that it was taken from.",
  ),
  "pack-not-redactable": says<{ seq: number; why: string }>(
    (p) => `event ${p.seq} cannot be redacted: ${p.why}`,
    "Redact names or addresses alone, or pack a range that begins behind that event's host boot; scmictl replay says whether the log itself diverges there.",
  ),
  "expectation-failed": says<{ expression: string }>(
    (p) => `"${p.expression}" is false here`,
    "The script expects it to be true; scmictl state and scmictl whatif show what made it so.",
  ),
} as const;

/** Stable code of a refusal, kebab-case. */
export type ProblemCode = keyof typeof PROBLEMS;

/** What the detail of a code is filled from. */
export type ProblemParams<Code extends ProblemCode> = Parameters<(typeof PROBLEMS)[Code]["detail"]>[0];

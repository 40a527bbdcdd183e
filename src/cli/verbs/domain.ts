import { type Command, Option } from "commander";
import { isProblem, type Problem } from "#base/problem.ts";
import { readXlCfg } from "#inputs/read-xlcfg.ts";
import { type Decoded, describeSent, NO_NAMES } from "#scmi/describe.ts";
import type { Body } from "../client.ts";
import {
  client,
  type ReadingOptions,
  reading,
  several,
  type WritingOptions,
  whole,
  withSource,
  writing,
} from "../options.ts";
import { facts, refuse, table } from "../output.ts";
import { columns, itemsOf, show, wholeList } from "../show.ts";

const DOMAIN = "domid, or the domain's name or uuid";

export function addDomain(program: Command): void {
  const domain = program.command("domain").description("domains: who holds which agent, and which devices");
  addReads(domain);
  addCreate(domain);
  addCalls(domain);
  addAcknowledge(domain);
}

function addReads(domain: Command): void {
  reading(domain.command("list", { isDefault: true }))
    .description("domains, the destroyed ones only where asked for")
    .addOption(
      new Option("--state <state>", "only these").choices(["running", "dying", "shutdown", "destroyed"]),
    )
    .option("--all", "the destroyed ones too")
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<ReadingOptions & { state?: string; all?: boolean }>();
      const { state, all } = options;
      const answer = await withSource(options, (source) => wholeList(source, "/v1/domains", { state }));
      const live = (item: Body) => state !== undefined || all === true || item["state"] !== "destroyed";
      const shown = isProblem(answer) ? answer : { ...answer, items: itemsOf(answer).filter(live) };
      await show(shown, options, domainsText);
    });
  reading(domain.command("show"))
    .description("one domain")
    .argument("<domain>", DOMAIN)
    .action(async (ref: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<ReadingOptions>();
      await show(await withSource(options, (source) => source.get(domainPath(ref))), options, domainText);
    });
}

interface CreateOptions extends WritingOptions {
  readonly xlcfg?: string;
  readonly name?: string;
  readonly type?: string;
  readonly agent?: number;
  readonly dtdev?: readonly string[];
  readonly passthrough?: boolean;
  readonly uuid?: string;
}

function addCreate(domain: Command): void {
  writing(domain.command("create"))
    .description("create a domain, from an xl.cfg or field by field")
    .argument("[xlcfg]", "an xl.cfg file")
    .option("--xlcfg <file>", "an xl.cfg file")
    .option("--name <name>", "the domain's name")
    .addOption(new Option("--type <type>", "SCI type").choices(["none", "scmi_smc", "scmi_smc_multiagent"]))
    .option("--agent <id>", "SCMI agent id", whole)
    .option(
      "--dtdev <path>",
      "device to assign, by its path in the host device tree; may be repeated",
      several,
    )
    .option("--passthrough", "IOMMU on")
    .option("--no-passthrough", "IOMMU off; else on when there is a --dtdev, as in xl")
    .option("--uuid <uuid>", "the domain's uuid")
    .action(async (file: string | undefined, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<CreateOptions>();
      const xlcfg = file ?? options.xlcfg;
      if (xlcfg === undefined && options.name === undefined) {
        command.error("error: give an xl.cfg file, or --name");
      }
      const body = xlcfg === undefined ? fieldsBody(options) : await xlcfgBody(xlcfg, options);
      if (isProblem(body)) {
        refuse(body);
        return;
      }
      const answer = await client(options).send("POST", "/v1/domains", body, options.idempotencyKey);
      await show(answer, options, domainText);
    });
}

function fieldsBody({ name, type, agent, dtdev, passthrough, uuid, reason }: CreateOptions): Body {
  const sci = { type: type ?? (agent === undefined ? "none" : "scmi_smc_multiagent"), agentId: agent };
  return { name, sci, dtdev, passthrough, uuid, reason };
}

async function xlcfgBody(file: string, { reason }: CreateOptions): Promise<Body | Problem> {
  const xlcfg = await readXlCfg(file);
  return isProblem(xlcfg) ? xlcfg : { xlcfg, reason };
}

function addCalls(domain: Command): void {
  writing(domain.command("destroy"))
    .description("destroy a domain: its agent is reset, then free")
    .argument("<domain>", DOMAIN)
    .action(async (ref: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<WritingOptions>();
      const { reason, idempotencyKey } = options;
      const body = reason === undefined ? undefined : { reason };
      await show(
        await client(options).send("DELETE", domainPath(ref), body, idempotencyKey),
        options,
        domainText,
      );
    });
  writing(domain.command("restart"))
    .description("destroy a domain and create it again from its configuration, under a new domid")
    .argument("<domain>", DOMAIN)
    .action(async (ref: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<WritingOptions>();
      const { reason, idempotencyKey } = options;
      const path = `${domainPath(ref)}/restart`;
      await show(await client(options).send("POST", path, { reason }, idempotencyKey), options, domainText);
    });
  domain
    .command("shutdown")
    .description("the guest's own ending: what follows is what its configuration says")
    .argument("<domain>", DOMAIN)
    .argument("<reason>", "poweroff, reboot or crash")
    .option("--idempotency-key <key>", "the same key and request are done once, and answered alike")
    .action(async (ref: string, reason: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<WritingOptions>();
      const path = `${domainPath(ref)}/shutdown`;
      const answer = await client(options).send("POST", path, { reason }, options.idempotencyKey);
      await show(answer, options, domainText);
    });
  writing(domain.command("assign"))
    .description("assign a device of the host device tree to a domain")
    .argument("<domain>", DOMAIN)
    .argument("<path>", "the node's full path")
    .action(async (ref: string, path: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<WritingOptions>();
      const { reason, idempotencyKey } = options;
      const where = `${domainPath(ref)}/devices`;
      const answer = await client(options).send("POST", where, { path, reason }, idempotencyKey);
      await show(answer, options, (device) => {
        const ids = device["deviceIds"] as readonly number[];
        const granted = ids.length === 0 ? "no permission was asked for" : `SCMI devices ${ids.join(", ")}`;
        return `${device["path"]}: ${granted}, event ${device["seq"]}`;
      });
    });
}

/** What an agent reads in its platform-to-agent page. */
function addAcknowledge(domain: Command): void {
  writing(domain.command("ack"))
    .description("set the guest's platform-to-agent page FREE, as it does when it has read it")
    .argument("<domain>", DOMAIN)
    .action(async (ref: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<WritingOptions>();
      const { reason, idempotencyKey } = options;
      const path = `${domainPath(ref)}/p2a/ack`;
      const answer = await client(options).send("POST", path, { reason }, idempotencyKey);
      await show(answer, options, ({ agentId, message, next, seq }) =>
        facts([
          ["agent", agentId],
          ["read", sentText(message as Body)],
          ["next", next === null ? null : sentText(next as Body)],
          ["event", seq],
        ]),
      );
    });
}

/** A notification or a delayed response on one line. */
export function sentText({ decoded }: Body): string {
  return describeSent(decoded as Decoded, NO_NAMES);
}

/** The path of a domain, by whatever it is called. */
export function domainPath(ref: string): string {
  return `/v1/domains/${encodeURIComponent(ref)}`;
}

function domainsText(body: Body): string {
  const fields = ["domid", "name", "state", "origin", "sciType", "agentId"];
  const items = itemsOf(body);
  const rows = columns(items, fields).map((row, i) => [...row, pathsOf(items[i] as Body)]);
  return table(["domid", "name", "state", "origin", "sci", "agent", "devices"], rows);
}

function domainText(domain: Body): string {
  return facts([
    ["domid", domain["domid"]],
    ["name", domain["name"]],
    ["uuid", domain["uuid"]],
    ["state", domain["state"]],
    ["origin", domain["origin"]],
    ["sci", domain["sciType"]],
    ["agent", domain["agentId"]],
    ["devices", pathsOf(domain)],
    ["created", `event ${domain["createdSeq"]}`],
    ...(domain["destroyedSeq"] === null ? [] : [["destroyed", `event ${domain["destroyedSeq"]}`] as const]),
  ]);
}

function pathsOf(domain: Body): string[] {
  return (domain["devices"] as readonly { path: string }[]).map(({ path }) => path);
}

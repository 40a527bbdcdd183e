import { hexWord } from "#base/hex.ts";
import { isProblem, type Problem, problem } from "#base/problem.ts";
import { type BindingGeneration, readBinding, type SciBinding } from "../binding/read-binding.ts";
import type { DeviceTree } from "../device-tree/device-tree.ts";
import { parseDeviceTree } from "../device-tree/fdt.ts";
import { symbols } from "../overlay/fragments.ts";
import type { EditableTree } from "../tree-writer/editable-tree.ts";
import { toDtb } from "../tree-writer/to-dtb.ts";
import { isUnwalked, repointAccessControllers } from "./access-lists.ts";
import { bootargsOf, withoutDom0Agent } from "./bootargs.ts";
import { type OldChannel, type OldChannels, oldChannels, pageRegion } from "./channels.ts";
import { makeContainer, markContainer, type NewContainer } from "./container.ts";
import { carryDom0, hidePages } from "./dom0.ts";
import { Edits } from "./edits.ts";
import { type GuestAgent, renameGuests } from "./guests.ts";

/** A channel of the migrated tree and who starts with it. */
export interface MigratedAgent {
  /** Null: the firmware says it. */
  readonly agentId: number | null;
  readonly funcId: number;
  readonly shmem: number;
  /** `dom0`, the path of a dom0less domain, or null: it is free for domains of the toolstack. */
  readonly holder: string | null;
}

/** An old tree in the newest form. */
export interface Migration {
  readonly from: BindingGeneration;
  readonly agents: readonly MigratedAgent[];
  /** What was changed, a line each. */
  readonly changes: readonly string[];
  /** What is left to do, or to know, outside of this tree. */
  readonly notes: readonly string[];
  /** The whole tree. */
  readonly whole: EditableTree;
  /** The same as an overlay for the old tree. */
  readonly overlay: EditableTree;
}

/** Xen's command line beside the tree; null: only the tree has one, if any. */
export interface MigrateOptions {
  readonly cmdline: string | null;
}

/**
 * Rewrites a host's device tree from any generation of the SCI binding to the newest (v8 and later), so that Xen's channel, the
 * agents of dom0 and of the dom0less domains stay what they were. Both results come from one list of changes.
 *
 * @returns `not-exportable` where the tree has no binding, or one that no Xen could have booted with
 * @see mediator-reference: device-tree bindings
 */
export function migrateBinding(tree: DeviceTree, { cmdline }: MigrateOptions): Migration | Problem {
  const bootargs = bootargsOf(tree);
  const binding = readBinding(tree, cmdline ?? bootargs?.text ?? "");
  if (binding === null) return refused("it has no SCI binding of any generation");
  const channels = oldChannels(tree, binding);
  if (typeof channels === "string") return refused(channels);
  const migration = new Migrating(tree, binding, channels);
  const why = migration.run(cmdline ?? null);
  return why === null ? migration.result() : refused(why);
}

function refused(why: string): Problem {
  return problem("not-exportable", { what: "the newest form of this device tree", why });
}

class Migrating {
  readonly #tree: DeviceTree;
  readonly #binding: SciBinding;
  readonly #channels: OldChannels;
  readonly #edits = new Edits();
  readonly #changes: string[] = [];
  readonly #notes: string[] = [];
  #guests: readonly GuestAgent[] = [];
  #whole: EditableTree | null = null;
  readonly #agents: MigratedAgent[] = [];

  constructor(tree: DeviceTree, binding: SciBinding, channels: OldChannels) {
    this.#tree = tree;
    this.#binding = binding;
    this.#channels = channels;
  }

  /** Makes the changes; tells why it cannot, or null. */
  run(cmdline: string | null): string | null {
    const container = this.#container();
    if (typeof container === "string") return container;
    this.#accessControllers(container);
    const between = this.#rebuilt();
    if (typeof between === "string") return between;
    const channels = oldChannels(between, this.#read(between) ?? this.#binding);
    if (typeof channels === "string") return channels;
    const guests = renameGuests(this.#binding, this.#channels.rows, this.#edits);
    if (typeof guests === "string") return guests;
    this.#guests = guests;
    for (const { path, agentId, isRenamed } of guests) {
      if (isRenamed) this.#changes.push(`${path} has agent ${agentId} in xen,sci-agent-id`);
    }
    this.#dom0(between, container, channels);
    this.#cmdline(cmdline);
    this.#guestNotes();
    return this.#check();
  }

  result(): Migration {
    const { generation } = this.#binding;
    const labels = new Map([...symbols(this.#tree)].map(([label, path]) => [path, label]));
    return {
      from: generation,
      agents: this.#agents,
      changes:
        this.#changes.length === 0 ? ["nothing: the tree is in the newest form already"] : this.#changes,
      notes: this.#notes,
      whole: this.#whole ?? this.#edits.applyTo(this.#tree),
      overlay: this.#edits.overlayFor(this.#tree, labels),
    };
  }

  get #isMoved(): boolean {
    return this.#binding.form === "bsp" || this.#binding.form === "rfc";
  }

  #container(): NewContainer | string {
    const { form, container, list } = this.#binding;
    if (!this.#isMoved) {
      const marked = markContainer(this.#binding, this.#channels, this.#edits);
      if (form === "xen,config") this.#changes.push(`${container.path} is a container of compatible xen,sci`);
      for (const [path, properties] of this.#edits.touched) {
        const said = properties.filter((property) => property !== "compatible");
        if (said.length > 0) this.#changes.push(`${path} says ${said.join(", ")}`);
      }
      return marked;
    }
    const made = makeContainer(this.#tree, this.#binding, this.#channels, this.#edits);
    if (typeof made !== "string") {
      this.#changes.push(
        `${made.path} has the agents of ${list.property} (${list.node.path}), rows in their new order`,
        `${made.management} is Xen's own channel instead of ${this.#channels.management.node.path}`,
      );
    }
    return made;
  }

  #accessControllers({ management: to }: NewContainer): void {
    const { node: from } = this.#channels.management;
    const devices = repointAccessControllers(this.#tree, { from, to }, this.#edits);
    for (const { path } of devices) {
      this.#changes.push(`access-controllers of ${path} name ${to}`);
      if (!isUnwalked(from)) continue;
      const said = `${from.path} did not say #access-controller-cells`;
      this.#notes.push(
        `${path} asks for its permission from now on: until now Xen did not see that, as ${said}`,
      );
    }
  }

  #dom0(between: DeviceTree, container: NewContainer, { rows }: OldChannels): void {
    const { agentId, isTooLarge, source } = this.#binding.dom0;
    if (isTooLarge) this.#notes.push("dom0's agent is 255 or more, which Xen takes for none");
    const told = { changes: this.#changes, notes: this.#notes };
    carryDom0(between, container, agentId, rows, this.#edits, told);
    if (source?.kind === "first-free") {
      this.#notes.push(`dom0 took the first free channel, and has agent ${agentId} by name now`);
    }
    if (!this.#isMoved) return;
    const hidden = hidePages(this.#tree, this.#channels, agentId, this.#edits);
    if (hidden.length > 0)
      this.#changes.push(`pages that are not dom0's are kept from it: ${hidden.join(", ")}`);
  }

  #cmdline(given: string | null): void {
    const bootargs = bootargsOf(this.#tree);
    if (bootargs !== null) {
      const text = withoutDom0Agent(bootargs.text);
      if (text !== bootargs.text) {
        this.#edits.set(bootargs.node.path, bootargs.property, [text]);
        this.#changes.push(`${bootargs.property} of ${bootargs.node.path} is "${text}"`);
      }
    }
    const text = withoutDom0Agent(given ?? "");
    if (given !== null && text !== given) {
      this.#notes.push(`give Xen the command line "${text}" instead of "${given}"`);
    }
  }

  #guestNotes(): void {
    if (this.#binding.form !== "bsp") return;
    const { management, rows } = this.#channels;
    const ids = rows.map(({ agentId, funcId }) => `agent ${agentId} ${hexWord(funcId)}`).join(", ");
    this.#notes.push(
      `guests ring the function id of their own agent, no longer ${hexWord(management.funcId)} for all: ${ids}`,
      'domains of the toolstack name their agent: arm_sci = "type=scmi_smc_multiagent,agent_id=N"',
      "Xen writes no SCMI nodes into guests' device trees any more: they belong into the partial ones",
    );
  }

  /** The tree with the changes so far; or why it is none. */
  #rebuilt(): DeviceTree | string {
    this.#whole = this.#edits.applyTo(this.#tree);
    const tree = parseDeviceTree(toDtb(this.#whole), "the migrated tree");
    return isProblem(tree) ? tree.detail : tree;
  }

  #read(tree: DeviceTree): SciBinding | null {
    const binding = readBinding(tree);
    return binding?.form === "xen,sci" ? binding : null;
  }

  /** Holds what was made to what was there: every channel has the same function id, page and agent. */
  #check(): string | null {
    const tree = this.#rebuilt();
    if (typeof tree === "string") return tree;
    const binding = this.#read(tree);
    const channels = binding === null ? "it is not of the newest form" : oldChannels(tree, binding);
    if (typeof channels === "string") return channels;
    const before = [this.#channels.management, ...this.#channels.rows];
    for (const [index, channel] of [channels.management, ...channels.rows].entries()) {
      const region = pageRegion(channel);
      if (typeof region === "string") return region;
      if (index > 0) this.#agents.push(this.#agent(channel, region.address));
      const old = before[index];
      const oldRegion = old === undefined ? null : pageRegion(old);
      // What could not be translated in the old tree has nothing to be held to.
      const isMoved = typeof oldRegion === "object" && oldRegion?.address !== region.address;
      if (old?.funcId !== channel.funcId || old.agentId !== channel.agentId || isMoved) {
        return `${channel.name} would not be what it was`;
      }
    }
    return null;
  }

  #agent({ agentId, funcId }: OldChannel, shmem: number): MigratedAgent {
    const guest = this.#guests.find((candidate) => candidate.agentId === agentId);
    const isDom0 = agentId !== null && agentId === this.#binding.dom0.agentId;
    return { agentId, funcId, shmem, holder: isDom0 ? "dom0" : (guest?.path ?? null) };
  }
}

import type {
  AgentConfig,
  ClockConfig,
  DeviceConfig,
  InstanceConfig,
  PinConfig,
  PinFunctionConfig,
  PinGroupConfig,
  PowerDomainConfig,
} from "./board.ts";

/** What is wrong at `path` of the board file. */
export interface BoardIssue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** A list of the board file. An item that does not fit its own schema is null: it is reported already. */
type Listed<T> = readonly (T | null)[];

/** The parts of `firmware` that refer to each other. */
export interface BoardParts {
  readonly agents: Listed<AgentConfig>;
  readonly powerDomains: Listed<PowerDomainConfig>;
  readonly clocks: Listed<ClockConfig>;
  readonly resets: Listed<{ readonly id: number }>;
  readonly performanceDomains: Listed<{ readonly id: number }>;
  readonly sensors: Listed<{ readonly id: number }>;
  readonly voltageDomains: Listed<{ readonly id: number }>;
  readonly powerCaps: Listed<{ readonly id: number; readonly parent: number | null }>;
  readonly pins: Listed<PinConfig>;
  readonly groups: Listed<PinGroupConfig>;
  readonly functions: Listed<PinFunctionConfig>;
  readonly devices: Listed<DeviceConfig>;
  readonly trustedAgents: Listed<number>;
  readonly protocols: Listed<string | number>;
  readonly instances: Listed<InstanceConfig>;
  readonly levels: { readonly [agentId: string]: unknown };
}

/** What no field shows by itself: what is there twice, and what is referred to but not there. */
export function checkBoard(parts: BoardParts): BoardIssue[] {
  const agents = known("agent", parts.agents);
  return [
    ...checkUnique(["firmware", "agents"], parts.agents, ["id", "funcId", "shmem"]),
    ...checkPages(parts.agents),
    ...checkUnique(["firmware", "powerDomains"], parts.powerDomains, ["id"]),
    ...checkParents("powerDomains", "power domain", parts.powerDomains),
    ...checkUnique(["firmware", "clocks"], parts.clocks, ["id"]),
    ...checkClockParents(parts.clocks),
    ...checkUnique(["firmware", "resets"], parts.resets, ["id"]),
    ...checkUnique(["firmware", "performanceDomains"], parts.performanceDomains, ["id"]),
    ...checkUnique(["firmware", "sensors"], parts.sensors, ["id"]),
    ...checkUnique(["firmware", "voltageDomains"], parts.voltageDomains, ["id"]),
    ...checkUnique(["firmware", "powerCaps"], parts.powerCaps, ["id"]),
    ...checkParents("powerCaps", "power capping domain", parts.powerCaps),
    ...checkUnique(["firmware", "pins"], parts.pins, ["id"]),
    ...checkUnique(["firmware", "groups"], parts.groups, ["id"]),
    ...checkUnique(["firmware", "functions"], parts.functions, ["id"]),
    ...checkPins(parts),
    ...checkUnique(["firmware", "devices"], parts.devices, ["id"]),
    ...checkDevices(parts, agents),
    ...checkReferences(["firmware", "trustedAgents"], parts.trustedAgents, agents),
    ...checkOnce(["firmware", "protocols"], parts.protocols),
    ...checkUnique(["firmware", "instances"], parts.instances, ["id"]),
    ...checkInstances(parts, agents),
    ...checkLevels(parts.levels, agents),
  ];
}

/** The ids that can be referred to. `complete` is false where some item's id is not known. */
interface Known {
  readonly what: string;
  readonly ids: ReadonlySet<number>;
  readonly complete: boolean;
}

function known(what: string, items: Listed<{ readonly id: number }>): Known {
  return { what, ids: new Set(items.flatMap((item) => item?.id ?? [])), complete: !items.includes(null) };
}

function checkUnique<Field extends string>(
  path: readonly PropertyKey[],
  items: Listed<{ readonly [F in Field]: number }>,
  fields: readonly Field[],
): BoardIssue[] {
  return fields.flatMap((field) => {
    const holders = new Map<number, number>();
    return items.flatMap((item, index) => {
      if (item === null) return [];
      const holder = holders.get(item[field]);
      if (holder === undefined) {
        holders.set(item[field], index);
        return [];
      }
      const value = field === "id" ? item[field] : `0x${item[field].toString(16)}`;
      const message = `found ${value}, which ${String(path.at(-1))}[${holder}] has, allowed is one of its own`;
      return [{ path: [...path, index, field], message }];
    });
  });
}

/** Platform-to-agent pages that are a page of somebody already. */
function checkPages(agents: Listed<AgentConfig>): BoardIssue[] {
  const holders = new Map<number, string>(
    agents.flatMap((agent, index) =>
      agent === null ? [] : [[agent.shmem, `agents[${index}].shmem`] as const],
    ),
  );
  return agents.flatMap((agent, index) => {
    const page = agent?.p2a ?? null;
    if (page === null) return [];
    const holder = holders.get(page);
    if (holder === undefined) {
      holders.set(page, `agents[${index}].p2a`);
      return [];
    }
    const message = `found 0x${page.toString(16)}, which ${holder} has, allowed is one of its own`;
    return [{ path: ["firmware", "agents", index, "p2a"], message }];
  });
}

function checkOnce(path: readonly PropertyKey[], items: Listed<number | string>): BoardIssue[] {
  const seen = new Set<number | string>();
  return items.flatMap((item, index) => {
    if (item === null) return [];
    if (seen.has(item)) return [{ path: [...path, index], message: `found ${item} again, allowed is once` }];
    seen.add(item);
    return [];
  });
}

/** A list of ids, each there once and known. */
function checkReferences(
  path: readonly PropertyKey[],
  ids: Listed<number>,
  { what, ids: all, complete }: Known,
) {
  const unknown = complete
    ? ids.flatMap((id, index) =>
        id === null || all.has(id) ? [] : [notListed([...path, index], id, what, all)],
      )
    : [];
  return [...checkOnce(path, ids), ...unknown];
}

function notListed(
  path: readonly PropertyKey[],
  id: number,
  what: string,
  all: ReadonlySet<number>,
): BoardIssue {
  const shown = [...all].slice(0, 10).join(", ");
  const rest = all.size > 10 ? ` and ${all.size - 10} more` : "";
  const allowed = all.size === 0 ? `none: the board lists no ${what}` : `a listed ${what}: ${shown}${rest}`;
  return { path, message: `found ${id}, allowed is ${allowed}` };
}

function checkDevices(parts: BoardParts, agents: Known): BoardIssue[] {
  const { devices } = parts;
  const resources = {
    powerDomains: known("power domain", parts.powerDomains),
    clocks: known("clock", parts.clocks),
    resets: known("reset domain", parts.resets),
    performanceDomains: known("performance domain", parts.performanceDomains),
    sensors: known("sensor", parts.sensors),
    voltageDomains: known("voltage domain", parts.voltageDomains),
    powerCaps: known("power capping domain", parts.powerCaps),
    pins: known("pin", parts.pins),
  };
  return devices.flatMap((device, index) => {
    if (device === null) return [];
    const path = ["firmware", "devices", index];
    const { defaultAccess, staticOwner } = device;
    return [
      ...(Object.keys(resources) as (keyof typeof resources)[]).flatMap((field) =>
        checkReferences([...path, field], device[field], resources[field]),
      ),
      ...(typeof defaultAccess === "string"
        ? []
        : checkReferences([...path, "defaultAccess"], defaultAccess, agents)),
      ...(staticOwner === null || !agents.complete || agents.ids.has(staticOwner)
        ? []
        : [notListed([...path, "staticOwner"], staticOwner, "agent", agents.ids)]),
    ];
  });
}

/** Each agent is of one instance: it has one number, and sees the agents of that instance alone. */
function checkInstances({ instances, agents: listed }: BoardParts, agents: Known): BoardIssue[] {
  const path = ["firmware", "instances"];
  const places = instances.flatMap((instance, at) =>
    (instance?.agents ?? []).map((id, index) => ({ id, path: [...path, at, "agents", index] })),
  );
  const seen = new Set<number>();
  const wrong = places.flatMap(({ id, path }) => {
    if (agents.complete && !agents.ids.has(id)) return [notListed(path, id, "agent", agents.ids)];
    if (!seen.has(id)) {
      seen.add(id);
      return [];
    }
    return [{ path, message: `found ${id} again, allowed is once, in one instance` }];
  });
  const left = instances.length === 0 || instances.includes(null) ? [] : listed;
  const outside = left.flatMap((agent) => (agent === null || seen.has(agent.id) ? [] : [agent.id]));
  if (outside.length === 0) return wrong;
  const message = `found no instance with agent ${outside.join(", ")}, allowed is each agent in one`;
  return [...wrong, { path, message }];
}

function checkLevels(levels: BoardParts["levels"], agents: Known): BoardIssue[] {
  if (!agents.complete) return [];
  return Object.keys(levels).flatMap((id) =>
    agents.ids.has(Number(id))
      ? []
      : [notListed(["firmware", "levels", id], Number(id), "agent", agents.ids)],
  );
}

/** A clock is fed from others, each of which is there. */
function checkClockParents(clocks: Listed<ClockConfig>): BoardIssue[] {
  const all = known("clock", clocks);
  return clocks.flatMap((clock, index) => {
    const path = ["firmware", "clocks", index, "parents"];
    const parents = clock?.parents ?? [];
    const itself = clock === null ? -1 : parents.indexOf(clock.id);
    const circle = { path: [...path, itself], message: `found the clock itself, allowed is another` };
    return [...checkReferences(path, parents, all), ...(itself < 0 ? [] : [circle])];
  });
}

/** Groups have pins that are there, functions groups or pins, and pins functions. */
function checkPins({ pins, groups, functions }: BoardParts): BoardIssue[] {
  const allPins = known("pin", pins);
  const allGroups = known("group", groups);
  const allFunctions = known("function", functions);
  const optional = (path: readonly PropertyKey[], id: number | null): BoardIssue[] =>
    id === null || allFunctions.ids.has(id) || !allFunctions.complete
      ? []
      : [notListed(path, id, "function", allFunctions.ids)];
  const members = (path: readonly PropertyKey[], ids: Listed<number> | null, of: Known): BoardIssue[] => {
    if (ids === null) return [];
    const empty = { path, message: `found an empty list, allowed is at least one ${of.what}` };
    return ids.length === 0 ? [empty] : checkReferences(path, ids, of);
  };
  return [
    ...pins.flatMap((pin, index) => [
      ...optional(["firmware", "pins", index, "function"], pin?.function ?? null),
      ...(pin?.alternates ?? []).flatMap((id, i) =>
        optional(["firmware", "pins", index, "alternates", i], id),
      ),
    ]),
    ...groups.flatMap((group, index) =>
      members(["firmware", "groups", index, "pins"], group?.pins ?? null, allPins),
    ),
    ...functions.flatMap((fn, index) => [
      ...members(["firmware", "functions", index, "groups"], fn?.groups ?? null, allGroups),
      ...members(["firmware", "functions", index, "pins"], fn?.pins ?? null, allPins),
    ]),
  ];
}

/** Parents that are not there, and circles of parents: one issue for each circle, at its first domain in the file. */
function checkParents(
  field: string,
  what: string,
  domains: Listed<{ readonly id: number; readonly parent: number | null }>,
): BoardIssue[] {
  const { ids, complete } = known(what, domains);
  const parents = new Map(domains.flatMap((domain) => (domain === null ? [] : [[domain.id, domain.parent]])));
  const settled = new Set<number>();
  return domains.flatMap((domain, index): BoardIssue[] => {
    if (domain === null || domain.parent === null) return [];
    const path = ["firmware", field, index, "parent"];
    if (!ids.has(domain.parent)) return complete ? [notListed(path, domain.parent, what, ids)] : [];
    const way: number[] = [];
    const onWay = new Set<number>();
    let at: number | null | undefined = domain.id;
    while (at !== null && at !== undefined && !settled.has(at) && !onWay.has(at)) {
      way.push(at);
      onWay.add(at);
      at = parents.get(at);
    }
    for (const id of way) settled.add(id);
    if (at === null || at === undefined || !onWay.has(at)) return [];
    return [
      {
        path,
        message: `found ${domain.parent}, a circle (${circle(way, at)}), allowed is a parent outside of it`,
      },
    ];
  });
}

/** The circle that a way up the tree ran into, from the domain where it closes: "1, 2, 1"; a long one in short. */
function circle(way: readonly number[], closing: number): string {
  const round = [...way.slice(way.indexOf(closing)), closing];
  return round.length > 10
    ? `${round.slice(0, 5).join(", ")} … ${round.slice(-4).join(", ")}`
    : round.join(", ");
}

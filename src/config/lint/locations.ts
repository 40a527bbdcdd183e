/** A line of a file, from 1. */
export interface SourceLine {
  readonly file: string;
  readonly line: number;
}

interface NodeLines {
  readonly node: SourceLine | null;
  readonly properties: ReadonlyMap<string, SourceLine>;
}

/** Where the nodes and properties of a tree were written, by path. Of a node that is written in several places, the first. */
export class Locations {
  readonly #byPath: ReadonlyMap<string, NodeLines>;

  constructor(byPath: ReadonlyMap<string, NodeLines>) {
    this.#byPath = byPath;
  }

  /** The line of a property, or of its node where the property has none; null where that has none either. */
  find(path: string, property?: string): SourceLine | null {
    const lines = this.#byPath.get(path);
    if (lines === undefined) return null;
    return (property === undefined ? undefined : lines.properties.get(property)) ?? lines.node;
  }

  /** These with those of an overlay: a property that it sets is there, a node only if it is new. */
  overlaidWith(overlay: Locations): Locations {
    const merged = new Map(this.#byPath);
    for (const [path, lines] of overlay.#byPath) merged.set(path, merge(merged.get(path), lines));
    return new Locations(merged);
  }

  /** The same under other paths; what has none any more is left out. Two that become one are merged. */
  renamed(pathOf: (path: string) => string | null): Locations {
    const renamed = new Map<string, NodeLines>();
    for (const [from, lines] of this.#byPath) {
      const path = pathOf(from);
      if (path !== null) renamed.set(path, merge(renamed.get(path), lines));
    }
    return new Locations(renamed);
  }
}

function merge(before: NodeLines | undefined, { node, properties }: NodeLines): NodeLines {
  return {
    node: before?.node ?? node,
    properties: new Map([...(before?.properties ?? []), ...properties]),
  };
}

export const NO_LOCATIONS: Locations = new Locations(new Map());

/** `label: name {`, and where that is from. */
const NODE = /^(?:\w+: )*([^\s"=;{}]+) \{(?: \/\* (.*) \*\/)?$/;
/** `label: name = value;` or `name;`, with or without a place behind it. */
const PROPERTY = /^(?:\w+: )*([^\s"=;{}]+)(?: = |;)/;
const PROPERTY_PLACE = /; \/\* (.*) \*\/$/;
/** The first of the places in a comment. */
const PLACE = /^(.+?):(\d+)(?:, |$)/;

/**
 * Reads the places out of a source that dtc wrote with annotations (`dtc -O dts -T`): each node and property on a line of its
 * own, with a comment of `file:line` behind it.
 *
 * @param fileOf what a file is to be called, which dtc names relative to the directory that it ran in
 */
export function readAnnotations(annotated: string, fileOf: (file: string) => string): Locations {
  const byPath = new Map<string, { node: SourceLine | null; properties: Map<string, SourceLine> }>();
  const files = new Map<string, string>();
  const placeOf = (comment: string | undefined): SourceLine | null => {
    const [, named, line] = PLACE.exec(comment ?? "") ?? [];
    if (named === undefined) return null;
    const file = files.get(named) ?? fileOf(named);
    files.set(named, file);
    return { file, line: Number(line) };
  };
  const open: string[] = [];
  for (const written of annotated.split("\n")) {
    const line = written.trimStart();
    if (line.startsWith("}")) {
      open.pop();
      continue;
    }
    const node = NODE.exec(line);
    const above = open.at(-1);
    if (node !== null) {
      const path = above === undefined ? "/" : `${above === "/" ? "" : above}/${node[1]}`;
      open.push(path);
      if (!byPath.has(path)) byPath.set(path, { node: placeOf(node[2]), properties: new Map() });
      continue;
    }
    const property = PROPERTY.exec(line)?.[1];
    const place = placeOf(PROPERTY_PLACE.exec(line)?.[1]);
    if (above !== undefined && property !== undefined && place !== null) {
      byPath.get(above)?.properties.set(property, place);
    }
  }
  return new Locations(byPath);
}

import {
  bindingVersion as bindingVersionOf,
  type Recognised as RecognisedForm,
  recognise,
} from "#config/binding/recognise.ts";
import type { SeriesVersion } from "#config/board/board.ts";
import type { Host } from "../context.ts";

/** What this host's Xen makes of its tree, and the version that it reads by. */
export interface Recognised extends RecognisedForm {
  readonly version: SeriesVersion;
}

/** The version by which a host's binding is read. */
export function bindingVersion({ board, rules }: Host): SeriesVersion {
  return bindingVersionOf(board.xen.version, rules);
}

/** Which form of the binding this host's Xen reads. */
export function recognised(host: Host): Recognised {
  const version = bindingVersion(host);
  return { version, ...recognise(host.tree, version) };
}

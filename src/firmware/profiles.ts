import type { FirmwareConfig, ProfileName } from "#config/board.ts";
import type { Profile } from "./profiles/profile.ts";
import { REF } from "./profiles/ref.ts";
import { REF_RCAR } from "./profiles/ref-rcar.ts";
import { REF_RPI5 } from "./profiles/ref-rpi5.ts";
import { TFA } from "./profiles/tfa.ts";
import { V32 } from "./profiles/v32.ts";

/** Every profile that the model plays. A new one is a file and a line here. */
export const PROFILE_TABLE: readonly Profile[] = [V32, REF, REF_RCAR, REF_RPI5, TFA];

/** Names of the profiles that a board can run with. */
export const IMPLEMENTED_PROFILES: readonly ProfileName[] = PROFILE_TABLE.map(({ name }) => name);

/** The profile that a board asks for, or undefined where the model does not play it yet. */
export function profileOf(config: FirmwareConfig): Profile | undefined {
  return PROFILE_TABLE.find(({ name }) => name === config.profile);
}

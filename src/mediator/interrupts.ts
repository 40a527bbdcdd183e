import type { DeviceTree, DtNode } from "#config/device-tree/device-tree.ts";
import { sharedInterrupts } from "#config/device-tree/interrupts.ts";

/** An interrupt that two domains want. */
export interface InterruptConflict {
  /** As Xen counts it: the number in the tree plus 32. */
  readonly irq: number;
  readonly owner: number;
}

/** Which domain each shared interrupt is routed to while Xen builds domains: to one, and for as long as the host runs. */
export class InterruptRouting {
  readonly #tree: DeviceTree;
  readonly #owners = new Map<number, number>();

  constructor(tree: DeviceTree) {
    this.#tree = tree;
  }

  /**
   * Routes the interrupts of a host node to a domain, in order. Again to the same domain is no conflict.
   *
   * @returns the first that another domain has, or null
   * @see xen/arch/arm/irq.c, `route_irq_to_guest`
   */
  route(domid: number, node: DtNode): InterruptConflict | null {
    for (const { irq } of sharedInterrupts(this.#tree, node)) {
      const owner = this.#owners.get(irq) ?? domid;
      if (owner !== domid) return { irq, owner };
      this.#owners.set(irq, domid);
    }
    return null;
  }
}

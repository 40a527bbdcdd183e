import { expect, test } from "vitest";
import { eventText } from "#events/text.ts";
import type { EventData } from "#events/types.ts";

type Assigned = Pick<EventData["device.assigned"], "deviceIds" | "sci" | "controlled">;

test.each<[text: string, data: Assigned]>([
  ["granted 1, 4", { deviceIds: [1, 4], sci: null, controlled: true }],
  ["nothing to grant", { deviceIds: [], sci: null, controlled: true }],
  // No mediator, or one without a say in assignments: the IOMMU decides alone.
  ["nothing to grant", { deviceIds: [], sci: "ENXIO", controlled: false }],
  [
    'nothing granted: the firmware\'s HARDWARE_ERROR is "not handled" to Xen',
    { deviceIds: [], sci: "ENXIO", controlled: true },
  ],
  [
    'granted 1: the firmware\'s HARDWARE_ERROR is "not handled" to Xen',
    { deviceIds: [1], sci: "ENXIO", controlled: true },
  ],
  [
    'nothing granted: the firmware\'s NOT_SUPPORTED is "not handled" to Xen',
    { deviceIds: [], sci: "EOPNOTSUPP", controlled: true },
  ],
])("an assignment: %s", (text, assigned) => {
  const data = { path: "/soc/gpu", iommu: null, protected: true, ...assigned };
  const event = { type: "device.assigned", domid: 1, agentId: 2, data } as const;
  expect(eventText(event as never, {}, undefined as never)).toBe(`/soc/gpu assigned, ${text}`);
});

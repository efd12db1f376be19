import { deviceReportSchema, MAX_DEVICE_HEADER } from '@halo/shapes/protocol/device-report.ts';
import type { DeviceReport } from '@halo/shapes/protocol/device-report.ts';

/** What a device says of itself in the header `halo-device`; undefined where it says nothing, or nothing that can be believed. */
export function readReport(header: string | undefined): DeviceReport | undefined {
  if (header === undefined || header.length > MAX_DEVICE_HEADER) return undefined;
  const report = deviceReportSchema.safeParse(Object.fromEntries(new URLSearchParams(header)));
  return report.success ? report.data : undefined;
}

import { expect, it } from 'vitest';
import { deviceReportSchema } from './device-report.ts';

it.each(['\u0000', 'a\u0000', '\n', 'é', 'x'.repeat(41), ''])(
  'takes no version that cannot be kept: %j',
  (v) => {
    const id = '01936d2a-0000-7000-8000-0000000000e1';
    expect(deviceReportSchema.safeParse({ id, v }).success).toBe(false);
    expect(deviceReportSchema.safeParse({ id, v: '1.2.3 (beta)' }).success).toBe(true);
  },
);

import { parseArgs } from 'node:util';

export const USAGE = `Usage: npm run load -- [--devices N] [--ramp N] [--minutes N] [--go-on] [--url URL]
  --devices N   the most devices (5000); fewer where a limit is broken before
  --ramp N      devices added in each step (500)
  --minutes N   length of a step (0.75); its first two fifths are for those who arrive
  --go-on       goes on though a limit is broken, for what each step costs
  --url URL     a server that is there, with HALO_TRUSTED_PROXIES=1 and nobody's data in it; without it one is started`;

/** What is asked for. */
export interface LoadOptions {
  readonly devices: number;
  readonly ramp: number;
  readonly minutes: number;
  readonly goOn: boolean;
  readonly url: string | undefined;
}

/** Reads the arguments; undefined where they make no sense. */
export function readOptions(args: readonly string[]): LoadOptions | undefined {
  try {
    const text = { type: 'string' } as const;
    const goesOn = { type: 'boolean', default: false } as const;
    const options = { devices: text, ramp: text, minutes: text, url: text, 'go-on': goesOn };
    const { values } = parseArgs({ args: [...args], options });
    const [devices, ramp, minutes] = [
      Number(values.devices ?? 5_000),
      Number(values.ramp ?? 500),
      Number(values.minutes ?? 0.75),
    ];
    const isCount = (count: number) => Number.isSafeInteger(count) && count >= 1 && count <= 100_000;
    if (!isCount(devices) || !isCount(ramp) || !(minutes > 0 && minutes <= 1_440)) return undefined;
    const asked = { devices, ramp, minutes, goOn: values['go-on'] };
    if (values.url === undefined) return { ...asked, url: undefined };
    if (!/^https?:/.test(values.url) || !URL.canParse(values.url)) return undefined;
    return { ...asked, url: new URL(values.url).origin };
  } catch {
    return undefined;
  }
}

/** How many devices there are in each step. */
export function stepsOf({ devices, ramp }: Pick<LoadOptions, 'devices' | 'ramp'>): number[] {
  return Array.from({ length: Math.ceil(devices / ramp) }, (_, n) => Math.min(devices, (n + 1) * ramp));
}

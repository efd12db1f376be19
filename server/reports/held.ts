import { extentOfAll, fits } from './group-extent.ts';
import { linked } from './linking.ts';
import type { Linkable } from './linking.ts';

/**
 * Whether a report that is revised stays with what it is held with: it says the same of where, when and what as before, or what
 * would be taken for the same event, and still fits with the others. Else it goes where it belongs, and the others stay.
 *
 * @param others what it is held with, without itself
 */
export function staysHeld(before: Linkable, after: Linkable, others: readonly Linkable[]): boolean {
  const isSame = saysTheSame(before, after) || linked(asNobodys(before), asNobodys(after));
  const whole = extentOfAll([after, ...others]);
  return isSame && whole !== undefined && (after.pin !== null || fits(whole));
}

function saysTheSame(a: Linkable, b: Linkable): boolean {
  return (
    a.type === b.type &&
    a.occurredAt.getTime() === b.occurredAt.getTime() &&
    a.place.precision === b.place.precision &&
    a.place.lat === b.place.lat &&
    a.place.lon === b.place.lon
  );
}

/** Two versions of one entry are no two entries of its register. */
function asNobodys(report: Linkable): Linkable {
  return { ...report, register: null };
}

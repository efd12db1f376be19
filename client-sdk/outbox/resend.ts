import { INCIDENT_TRANSITION } from '@halo/shapes/mutations/incident-transition.ts';
import { REPORT_AMEND } from '@halo/shapes/mutations/report-amend.ts';
import type { Replacement, StoredMutation } from './outbox-store.ts';

type Args = Readonly<Record<string, unknown>>;

/**
 * The arguments of a rejected mutation with the changes that its author has made. They are named as the method that
 * queued it names them, so that those of an amend are fields of the report. What an author had before him when it
 * was rejected is forgotten: he has something else before him now, unless the changes say what.
 */
export function withChanges({ type, args }: Pick<StoredMutation, 'type' | 'args'>, changes: Args): Args {
  const before = args as Args;
  switch (type) {
    case REPORT_AMEND: {
      const { version, after, reportId = before['reportId'], ...fields } = changes;
      const seen = {
        ...(version === undefined ? {} : { version }),
        ...(after === undefined ? {} : { after }),
      };
      return { reportId, ...seen, changes: { ...(before['changes'] as Args), ...fields } };
    }
    case INCIDENT_TRANSITION: {
      const { from: _seen, ...rest } = before;
      return { ...rest, ...changes };
    }
    default:
      return { ...before, ...changes };
  }
}

/**
 * What takes the place of a rejected mutation, and behind it what takes the places of those that were rejected only
 * because it was, each naming the new id of what it builds upon.
 *
 * @param by takes the place of the rejected one.
 * @param entries all that the outbox holds, in order of `seq`, so that each comes behind what it builds upon.
 * @param make makes a mutation to be queued of what another was rejected with: it was checked when that was queued.
 */
export function withDependents(
  { id, by }: Replacement,
  entries: readonly StoredMutation[],
  make: (type: string, args: Args) => Replacement['by'],
): Replacement[] {
  const again = new Map([[id, by.id]]);
  const all = [{ id, by }];
  for (const entry of entries) {
    const args = withDependency(entry, again);
    if (args === undefined) continue;
    const next = { id: entry.id, by: make(entry.type, args) };
    again.set(next.id, next.by.id);
    all.push(next);
  }
  return all;
}

/** Where the arguments of any type name another mutation, or what one has made. */
const REFERENCES = ['reportId', 'after', 'commentId', 'watchId'] as const;

/**
 * The arguments of a mutation that was rejected only because one that it builds upon was, with the id that this one
 * has been sent again under; undefined when it was rejected for another reason, or builds upon none of them.
 *
 * @param again new ids by the ids of what has been sent again.
 */
function withDependency(rejected: StoredMutation, again: ReadonlyMap<string, string>): Args | undefined {
  if (rejected.rejection?.code !== 'depends_on_rejected') return undefined;
  const args = { ...(rejected.args as Args) };
  let found = false;
  for (const name of REFERENCES) {
    const id = again.get(String(args[name]).toLowerCase());
    if (id === undefined) continue;
    args[name] = id;
    found = true;
  }
  return found ? args : undefined;
}

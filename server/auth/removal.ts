import { z } from 'zod';
import { ROLES } from '@halo/shapes/protocol/auth.ts';
import type { Role } from '@halo/shapes/protocol/auth.ts';

const ofSomebody = {
  id: z.guid(),
  userId: z.guid(),
  at: z.iso.datetime().transform((text) => new Date(text)),
};

/** One thing that was done to an account and that a restore must not undo; as the table `removals` has it. */
export const removalSchema = z.discriminatedUnion('kind', [
  z.strictObject({ ...ofSomebody, kind: z.enum(['forgotten', 'disabled', 'enabled']) }),
  z.strictObject({ ...ofSomebody, kind: z.literal('role'), role: z.enum(ROLES) }),
]);
export type Removal = z.infer<typeof removalSchema>;

/** What several removals of one account come to. */
export interface LastTold {
  readonly userId: string;
  readonly forgotten: boolean;
  /** Its sessions were ended, whatever came later. */
  readonly endsSessions: boolean;
  /** It had another role than that of an operator for a time, whatever came later. */
  readonly wasNoOperator: boolean;
  /** Undefined where it was neither disabled nor enabled. */
  readonly state: { readonly disabled: boolean; readonly at: Date } | undefined;
  readonly role: { readonly is: Role; readonly at: Date } | undefined;
}

/** What was last told of each account, whatever order the removals come in, and if some of them come twice; pure. */
export function lastTold(removals: readonly Removal[]): LastTold[] {
  const people = new Map<string, LastTold>();
  for (const removal of removals.toSorted((a, b) => a.at.getTime() - b.at.getTime())) {
    const { userId } = removal;
    people.set(userId, after(people.get(userId) ?? nothingOf(userId), removal));
  }
  return [...people.values()];
}

function nothingOf(userId: string): LastTold {
  return {
    userId,
    forgotten: false,
    endsSessions: false,
    wasNoOperator: false,
    state: undefined,
    role: undefined,
  };
}

function after(before: LastTold, removal: Removal): LastTold {
  const { at } = removal;
  switch (removal.kind) {
    case 'forgotten':
      return { ...before, forgotten: true };
    case 'disabled':
      return { ...before, endsSessions: true, state: { disabled: true, at } };
    case 'enabled':
      return { ...before, state: { disabled: false, at } };
    case 'role':
      return {
        ...before,
        wasNoOperator: before.wasNoOperator || removal.role !== 'operator',
        role: { is: removal.role, at },
      };
  }
}

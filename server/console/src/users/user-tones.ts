import type { UserState } from '@halo/shapes/protocol/users.ts';
import type { Tone } from '../ui/chip.tsx';

/** How the state of an account is to be taken. */
export const USER_TONES: Record<UserState, Tone> = { active: 'good', disabled: 'idle', erasing: 'warn' };

import { z } from 'zod';

/** Roles, least first. Nobody can give himself one: registration always makes a reporter. */
export const ROLES = ['reporter', 'officer', 'operator'] as const;
export type Role = (typeof ROLES)[number];

/** Answer of login and refresh; `expiresIn` is the access token's life in seconds. */
export const tokensSchema = z.object({
  accessToken: z.string(),
  refreshToken: z.string(),
  expiresIn: z.number().int().positive(),
});

export type Tokens = z.infer<typeof tokensSchema>;

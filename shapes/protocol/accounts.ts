import { z } from 'zod';
import { ROLES } from './auth.ts';

const email = z.email().max(254).trim().toLowerCase();
/** Looser than at registration: the first operator's address may be `admin@localhost`. */
const loginName = z.string().trim().toLowerCase().min(3).max(254);

/** Body of `POST /api/v1/auth/register`. */
export const registerSchema = z.strictObject({
  email,
  password: z.string().min(10).max(200),
  displayName: z.string().trim().min(1).max(80),
});

/** Body of `DELETE /api/v1/auth/me`; who has a password says it again. */
export const eraseSchema = z.strictObject({ password: z.string().min(1).max(200).optional() });

/** Body of `POST /api/v1/auth/login`. */
export const loginSchema = z.strictObject({ email: loginName, password: z.string().min(1).max(200) });

/** Body of `POST /api/v1/auth/refresh` and `/logout`. */
export const refreshSchema = z.strictObject({ refreshToken: z.string().min(20).max(200) });

/** Answer of `GET /api/v1/auth/me` and of register. */
export const accountSchema = z.object({
  id: z.uuid(),
  /** Null for a person without an account. */
  email: z.string().nullable(),
  displayName: z.string(),
  role: z.enum(ROLES),
});

export type Account = z.infer<typeof accountSchema>;

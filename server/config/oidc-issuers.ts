import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ROLES } from '@halo/shapes/protocol/auth.ts';

/** Only what is verified with a public key: with a shared secret, whoever verifies could also sign. */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
] as const;
const MAX_ISSUERS = 10;
const MAX_ROLES = 100;

const claimName = z.string().min(1).max(200);
const issuerUrl = z
  .string()
  .max(500)
  .refine(isSafeUrl, 'must be an https: URL, or http: on loopback, without user, query and fragment');

const issuerSchema = z.strictObject({
  issuer: issuerUrl,
  audience: z
    .union([claimName, z.array(claimName).min(1).max(10)])
    .transform((audience) => (typeof audience === 'string' ? [audience] : audience)),
  jwksUrl: issuerUrl.transform((url) => new URL(url)),
  algorithms: z.array(z.enum(ALGORITHMS)).min(1).default(['RS256', 'PS256', 'ES256', 'EdDSA']),
  types: z
    .array(z.enum(['at+jwt', 'jwt']))
    .min(1)
    .default(['at+jwt']),
  roleClaim: z
    .union([claimName, z.array(claimName).min(1).max(5)])
    .transform((path) => (typeof path === 'string' ? [path] : path)),
  roles: z
    .record(z.string().min(1).max(200), z.enum(ROLES))
    .refine((roles) => Object.keys(roles).length <= MAX_ROLES, `must name at most ${MAX_ROLES} values`),
  otherwise: z.enum([...ROLES, 'refuse']).default('refuse'),
  nameClaim: claimName.default('name'),
});

/** Somebody else whose tokens are taken, and which of its words make which role. */
export type OidcIssuer = Readonly<z.infer<typeof issuerSchema>>;

const listSchema = z
  .array(issuerSchema)
  .min(1)
  .max(MAX_ISSUERS)
  .refine(
    (list) => new Set(list.map(({ issuer }) => issuer)).size === list.length,
    'must name each issuer once',
  )
  .refine((list) => list.every(({ issuer }) => issuer !== 'halo'), 'must not name this house');

/**
 * Reads the issuers of `HALO_OIDC_ISSUERS`: a JSON array, or the path of a file that holds one.
 *
 * @returns the issuers, or what is wrong, in words that go on from the variable's name
 */
export function readOidcIssuers(
  text: string,
): { readonly issuers: readonly OidcIssuer[] } | { readonly fault: string } {
  let json = text;
  if (!text.trimStart().startsWith('[')) {
    try {
      json = readFileSync(text, 'utf8');
    } catch (error) {
      return {
        fault: `names a file that cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`,
      };
    }
  }
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return { fault: 'is not valid JSON' };
  }
  const parsed = listSchema.safeParse(value);
  if (parsed.success) return { issuers: parsed.data };
  const [issue] = parsed.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? '' : ` at ${issue.path.join('.')}`;
  return { fault: `is wrong${where}: ${issue?.message ?? 'not valid'}` };
}

function isSafeUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password, search, hash } = new URL(text);
  const isLoopback = hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]';
  const isPlain = username === '' && password === '' && search === '' && hash === '';
  return isPlain && (protocol === 'https:' || (protocol === 'http:' && isLoopback));
}

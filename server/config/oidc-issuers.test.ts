import { expect, it } from 'vitest';
import { loadConfig } from './config.ts';

const ISSUER = {
  issuer: 'https://id.example/realms/city',
  audience: 'halo',
  jwksUrl: 'https://id.example/realms/city/keys',
  roleClaim: 'groups',
  roles: { watch: 'officer' },
};
const load = (value: unknown) =>
  loadConfig({ HALO_OIDC_ISSUERS: typeof value === 'string' ? value : JSON.stringify(value) });

it('takes issuers with what is safe by default', () => {
  expect(load([ISSUER]).oidcIssuers).toMatchObject([
    {
      audience: ['halo'],
      jwksUrl: new URL(ISSUER.jwksUrl),
      algorithms: ['RS256', 'PS256', 'ES256', 'EdDSA'],
      types: ['at+jwt'],
      roleClaim: ['groups'],
      otherwise: 'refuse',
    },
  ]);
  expect(loadConfig({}).oidcIssuers).toEqual([]);
});

it.each([
  ['no JSON', '[{'],
  ['a file that is not there', '/nothing/issuers.json'],
  ['nobody', []],
  ['a shared secret', [{ ...ISSUER, algorithms: ['HS256'] }]],
  ['no algorithm', [{ ...ISSUER, algorithms: ['none'] }]],
  ['keys over plain HTTP', [{ ...ISSUER, jwksUrl: 'http://id.example/keys' }]],
  ['a password in the address', [{ ...ISSUER, jwksUrl: 'https://a:b@id.example/keys' }]],
  ['an unknown role', [{ ...ISSUER, roles: { watch: 'god' } }]],
  ['no audience', [{ ...ISSUER, audience: [] }]],
  ['a name that nobody reads', [{ ...ISSUER, rolse: {} }]],
  ['one issuer twice', [ISSUER, ISSUER]],
])('refuses at the start, by the variable’s name: %s', (_, value) => {
  expect(() => load(value)).toThrowError(
    expect.objectContaining({ code: 'config_invalid', field: 'HALO_OIDC_ISSUERS' }),
  );
});

import { expect, it } from 'vitest';
import { createPasswords } from '../../server/auth/passwords.ts';
import { unusedCredentials } from '../../server/auth/unused-credentials.ts';
import { useTestDatabase } from '../support/database.ts';

it('tells that what is set for the first operator does nothing, where it is no operator’s', async () => {
  const { pool } = await useTestDatabase();
  const passwords = await createPasswords();
  const operator = { email: 'chief@halo.example', password: 'as it is set still' };
  await pool.query(
    `INSERT INTO users (id, email, display_name, password_hash, role) VALUES (gen_random_uuid(), $1, 'Chief', $2, 'operator')`,
    [operator.email, await passwords.hash(operator.password)],
  );
  const told = (given: { email?: string; password?: string | undefined; emailIsGiven?: boolean }) =>
    unusedCredentials(pool, passwords, { ...operator, emailIsGiven: true, ...given });
  expect(await told({})).toBeUndefined();
  expect(await told({ password: undefined })).toBeUndefined();
  const nobody = 'nobody@halo.example';
  expect(await told({ email: nobody, emailIsGiven: false, password: undefined })).toBeUndefined();
  const other = (await told({ password: 'set anew in vain' }))!;
  expect(other).toMatch(/^HALO_ADMIN_PASSWORD is not .* Unset it; .*`npm run operator -- --reset EMAIL/);
  expect(other).not.toContain('set anew');
  for (const given of [{}, { password: undefined }, { emailIsGiven: false }])
    expect(await told({ email: nobody, ...given })).toMatch(
      /HALO_ADMIN_EMAIL is not the address of one: .* Unset both; /,
    );
  await pool.query(`UPDATE users SET password_hash = 'no hash' WHERE email = $1`, [operator.email]);
  expect(await told({})).toMatch(/^HALO_ADMIN_PASSWORD is not /);
});

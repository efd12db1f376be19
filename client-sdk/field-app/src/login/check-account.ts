import { registerSchema } from '@halo/shapes/protocol/accounts.ts';
import type { AccountError } from '../device/account-requests.ts';
import { errorText, t } from '../texts/texts.ts';

/** Fields of the log-in and registration forms. */
export type AccountField = 'displayName' | 'email' | 'password';
export interface AccountInput {
  readonly displayName: string;
  readonly email: string;
  readonly password: string;
}
export type AccountErrors = Partial<Record<AccountField, string>>;

const WORDS: Record<AccountField, string> = {
  displayName: t.errors.name_missing,
  email: t.errors.invalid_email,
  password: t.errors.password_short,
};

/** What is wrong with an input before it is sent, by field. Registration asks more than logging in. */
export function checkAccount(input: AccountInput, registering: boolean): AccountErrors {
  if (!registering) {
    return {
      ...(input.email.trim().length < 3 ? { email: t.errors.invalid_email } : {}),
      ...(input.password === '' ? { password: t.errors.password_missing } : {}),
    };
  }
  const parsed = registerSchema.safeParse(input);
  if (parsed.success) return {};
  const wrong = parsed.error.issues.map(({ path }) => path[0]);
  const fields = (['displayName', 'email', 'password'] as const).filter((field) => wrong.includes(field));
  return Object.fromEntries(fields.map((field) => [field, WORDS[field]]));
}

/** What the server said, put at the field it is about; without a field it belongs to the form. */
export function placeError({ code, field, detail }: AccountError): {
  fields: AccountErrors;
  form: string | undefined;
} {
  const known = (['displayName', 'email', 'password'] as const).find((name) => name === field);
  // A field that breaks a rule of the schema is explained by our own words for it.
  const words = code === 'invalid_request' && known !== undefined ? WORDS[known] : errorText(code, detail);
  return known === undefined ? { fields: {}, form: words } : { fields: { [known]: words }, form: undefined };
}

/** Judges one migration; `loadModule` of libpg-query must have resolved. Gives what is wrong with it. */
export function lintMigration(file: string, sql: string): { readonly code: string; readonly hint: string }[];

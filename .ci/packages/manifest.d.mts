export interface Repository {
  type: 'git';
  url: string;
  directory: string;
}
export function manifest(
  source: { exports: Record<string, string>; private?: boolean },
  made: { out: string; sideEffects: boolean | string[]; repository?: Repository | undefined },
): Record<string, unknown>;
export function repositoryOf(
  directory: string,
  env: Readonly<Record<string, string | undefined>>,
): Repository | undefined;
export function provenanceFault(
  manifests: readonly { name: string; repository?: { url: string } }[],
): string | undefined;

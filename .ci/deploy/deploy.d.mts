export interface DeployOptions {
  hook: string;
  token?: string;
  url: string;
  image: string;
  version: string;
  withinMs?: number;
  everyMs?: number;
  times?: number;
  hookMs?: number;
  say?: (line: string) => void;
}
export function deploy(options: DeployOptions): Promise<'deployed' | 'rolled back' | 'failed'>;

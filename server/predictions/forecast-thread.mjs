// Where a worker thread begins: it does not inherit the loader that reads TypeScript, and Node's --import comes too late for it.
import { register } from 'tsx/esm/api';

register();
await import('./forecast-worker.ts');

// Preloaded into a Halo by tests: faults that nobody catches, as a mistake of ours would be one. PLANTED_FAULT names which, and when:
// `thrown`, `rejected` and `flood` come with SIGUSR2, `starting` as soon as the data directory is locked.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { clearInterval, setInterval } from 'node:timers';
import { isMainThread } from 'node:worker_threads';

const { PLANTED_FAULT, HALO_DATA_DIR } = process.env;

function fault() {
  throw new Error('A planted fault');
}

const faults = {
  thrown: fault,
  rejected: () => void Promise.reject(new Error('A planted fault')),
  // Faster than anything can be closed, and it does not end.
  flood() {
    setInterval(fault, 1);
    setInterval(() => void Promise.reject(new Error('A planted fault')), 1);
    fault();
  },
};

// Not in its threads, nor in what else of Node's it starts.
if (isMainThread && PLANTED_FAULT === 'starting') {
  const timer = setInterval(() => {
    if (!existsSync(join(HALO_DATA_DIR, 'halo.lock'))) return;
    clearInterval(timer);
    fault();
  }, 1).unref();
} else if (isMainThread) process.on('SIGUSR2', faults[PLANTED_FAULT]);

import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Linux gives this number to the namespace that a machine boots with (PROC_PID_INIT_INO). */
const INITIAL = 'pid:[4026531836]';

/**
 * Names the space in which the process numbers that we see count: the machine, and on Linux its PID namespace, of
 * which each container has its own. A number from another space says nothing about any process here.
 *
 * Other namespaces than the first are numbered anew after a boot, and on each machine alike, so that two
 * containers of one name can have the same number: the boot goes with it. The first one keeps its name over a
 * reboot, after which a lock left behind is known at once to be nobody's.
 */
export function processSpace(): string {
  const host = hostname();
  if (process.platform !== 'linux') return host;
  try {
    const namespace = readlinkSync('/proc/self/ns/pid');
    if (namespace === INITIAL) return `${host}/${namespace}`;
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
    return `${host}/${namespace}/${boot}`;
  } catch {
    return host;
  }
}

// Whether a package that is installed has a known weakness of weight. Where the registry has no list of them (a mirror behind a closed
// network) that is said, and is no failure: what was not looked up is not known to be bad.
import { spawnSync } from 'node:child_process';

const done = spawnSync('npm', ['audit', '--audit-level=high', '--json'], {
  encoding: 'utf8',
  maxBuffer: 1 << 26,
  timeout: 60_000,
});
const answer = parsed(done.stdout);
if (answer?.metadata?.vulnerabilities === undefined) {
  process.stdout.write('audit: not asked, since this registry tells of no weaknesses\n');
} else {
  const { high, critical, moderate, low } = answer.metadata.vulnerabilities;
  process.stdout.write(`audit: ${critical} critical, ${high} high, ${moderate} moderate, ${low} low\n`);
  for (const { name, severity, range } of Object.values(answer.vulnerabilities ?? {}))
    if (severity === 'high' || severity === 'critical')
      process.stdout.write(`  ${severity}: ${name} ${range}\n`);
  process.exitCode = high + critical === 0 ? 0 : 1;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

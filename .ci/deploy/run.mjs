// What the pipeline's deploy step runs; all that it needs comes by the environment.
import { deploy } from './deploy.mjs';

const { DEPLOY_HOOK, DEPLOY_HOOK_TOKEN, HALO_URL, IMAGE, VERSION } = process.env;
for (const [name, value] of Object.entries({ DEPLOY_HOOK, HALO_URL, IMAGE, VERSION })) {
  if (value) continue;
  process.stderr.write(`${name} is not set\n`);
  process.exit(1);
}
const outcome = await deploy({
  hook: DEPLOY_HOOK,
  token: DEPLOY_HOOK_TOKEN,
  url: HALO_URL.replace(/\/$/, ''),
  image: IMAGE,
  version: VERSION,
  say: (line) => process.stdout.write(`${line}\n`),
});
process.stdout.write(`${outcome}\n`);
process.exitCode = outcome === 'deployed' ? 0 : 1;

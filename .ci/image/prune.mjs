// Removes from node_modules what the image's platform never loads: the ONNX runtime brings the libraries of five platforms.
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

const RUNTIMES = 'node_modules/onnxruntime-node/bin/napi-v6';

for (const platform of readdirSync(RUNTIMES)) {
  for (const arch of readdirSync(join(RUNTIMES, platform))) {
    if (platform !== process.platform || arch !== process.arch)
      rmSync(join(RUNTIMES, platform, arch), { recursive: true });
  }
}
// Fails the build where the runtime has moved: an image that kept all five, or none, would say nothing of it.
statSync(join(RUNTIMES, process.platform, process.arch));

for (const name of readdirSync('node_modules', { recursive: true })) {
  if (name.endsWith('.map')) rmSync(join('node_modules', name));
}

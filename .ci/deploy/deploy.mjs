// Brings a version to where it runs, sees that it runs well there, and brings the former one back where it does not.
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Posts `{"image","version"}` to the hook, then asks `url` until each of `times` answers in a row comes from the new version, is ready, and
 * tells of no other version that runs.
 * Where that takes longer than `withinMs`, the hook is given the version that was there before. A hook that has not answered
 * within `hookMs` may still be at work: what runs then decides.
 *
 * @param {{ hook: string, token?: string, url: string, image: string, version: string, withinMs?: number, everyMs?: number,
 *   hookMs?: number, times?: number, say?: (line: string) => void }} options `image` names the repository and a digest or tag
 * @returns {Promise<'deployed' | 'rolled back' | 'failed'>} `failed` where the former version did not come back either
 */
export async function deploy(options) {
  const { url, image, version, say = () => {}, withinMs = 600_000, everyMs = 2_000, times = 10 } = options;
  const check = { url, withinMs, everyMs, times };
  const former = (await healthOf(url))?.version;
  say(`${url} runs ${former ?? 'nothing that answers'}; deploying ${version}`);
  const fault = await callHook(options, { image, version });
  if (fault === undefined && (await runsWell(check, version))) {
    say(`${version} runs and is ready`);
    return 'deployed';
  }
  say(fault ?? `${version} was not ready on all instances within ${withinMs / 1000} s`);
  if (former === undefined || former === version) return 'failed';
  say(`rolling back to ${former}`);
  const formerImage = `${image.split('@')[0].replace(/:[^:/]+$/, '')}:${former.replace('+', '-')}`;
  const second = await callHook(options, { image: formerImage, version: former });
  if (second === undefined && (await runsWell(check, former))) return 'rolled back';
  say(second ?? `${former} did not come back within ${withinMs / 1000} s: somebody has to look`);
  return 'failed';
}

/** What is wrong with how the hook took it; undefined where it did, or where that is not known. */
async function callHook({ hook, token, hookMs = 60_000, say = () => {} }, body) {
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
  const request = {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(hookMs),
  };
  const answer = await fetch(hook, request).catch((error) => ({ ok: false, status: error.message, error }));
  if (answer.error?.name === 'TimeoutError') {
    say(`the hook has not answered within ${hookMs / 1000} s; looking what runs`);
    return undefined;
  }
  return answer.ok ? undefined : `the hook refused: ${answer.status}`;
}

/**
 * All instances have changed only when none runs another version any more. Which of them answers is the balancer's choice: one that sends to whom the
 * fewest wait for would show the new one each time. So an answer tells of all that run (a former version may tell of itself alone).
 */
async function runsWell({ url, withinMs, everyMs, times }, version) {
  const deadline = performance.now() + withinMs;
  for (let inARow = 0; performance.now() < deadline; await sleep(everyMs)) {
    const isAnswered = (await healthOf(url))?.version === version;
    const running = isAnswered ? await runningOf(url) : undefined;
    const isRight = running?.every((each) => each === version) === true;
    inARow = isRight ? inARow + 1 : 0;
    if (inARow >= times) return true;
  }
  return false;
}

async function healthOf(url) {
  const answer = await ask(`${url}/health`);
  return answer?.ok ? answer.json().catch(() => undefined) : undefined;
}

/** The versions that run, as one that is ready tells; undefined where it is not. */
async function runningOf(url) {
  const answer = await ask(`${url}/ready`);
  if (answer?.ok !== true) return undefined;
  return (await answer.json().catch(() => ({})))?.versions ?? [];
}

function ask(url) {
  return fetch(url, { signal: AbortSignal.timeout(10_000) }).catch(() => undefined);
}

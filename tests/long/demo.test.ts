import { beforeEach, expect, it } from 'vitest';
import { ownHalo, printed, urlOf } from '../support/own-halo.ts';
import type { OwnHalo } from '../support/own-halo.ts';
import { accessToken } from '../support/server.ts';

let halo: OwnHalo;
beforeEach(() => {
  halo = ownHalo();
  return () => halo.remove();
});

it('tells the story of the demo whole, and shows the first operator there too', async () => {
  const demo = halo.run({}, 'server/demo/main.ts');
  await demo.waitFor(/The city lives on/, { withinMs: 180_000 });
  const story = [
    /A +queued .*no network/,
    /A +delivered 3 reports/,
    /clustered A's and B's reports of the same event: 2 reports, corroborated/,
    /C +streamed/,
    /sent it again; the ledger knew it and gave the same answer: one effect/,
    /5 reports stored by the server, each exactly once/,
    /all three hold the same 4 incidents/,
  ];
  for (const line of story) expect(demo.output()).toMatch(line);
  const token = await accessToken(await urlOf(demo), printed(demo)!);

  // The city's past is learnt meanwhile, and a device has streamed what is expected.
  await demo.waitFor(/in all \d+ cells .* expected/, { withinMs: 600_000 });
  const learnt = [
    /import +480 days of the city, .* 8,\d{3} added, 0 changed, 0 there already, 0 rejected/,
    /server +the retraining has succeeded/,
    /gate +cell-9 all: promoted\. It beats every baseline: deviance 0\.\d+ against/,
    /gate +municipality all: (kept|baseline|promoted)\. /,
    /gate +\d+ series: too little is known/,
  ];
  for (const line of learnt) expect(demo.output()).toMatch(line);
  const [, rows, model] = /C +streamed: (\d+) forecasts .* of the model (\S+)/.exec(demo.output())!;
  expect(Number(rows)).toBeGreaterThan(91 * 27);
  const hotspots = await fetch(
    `${await urlOf(demo)}/api/v1/predictions/hotspots?kind=cell&window=1&limit=5`,
    {
      headers: { authorization: `Bearer ${token}` },
    },
  );
  const named = { modelId: model, modelKind: 'trained', stale: false };
  const five = [named, named, named, named, named];
  expect(await hotspots.json()).toMatchObject({ hotspots: five });
  expect(await demo.kill('SIGINT')).toBe(0);
  expect(halo.postgresPid()).toBeUndefined();
}, 900_000);

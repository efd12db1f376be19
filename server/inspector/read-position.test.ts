import { expect, it } from 'vitest';
import { readPosition } from './read-position.ts';

const read = (query: string, name = 'incidents') => readPosition(name, new URLSearchParams(query));

it('names a shape as its client does, with its parameters in one order and nothing of the protocol', () => {
  expect(read('offset=5_0&region=01&handle=1-2&cursor=7&live=true')!.shape).toBe('incidents?region=01');
  expect(read('offset=5_0&b=2&a=1')!.shape).toBe(read('a=1&offset=5_0&b=2')!.shape);
  expect(read('offset=-1', 'areas')!.shape).toBe('areas');
});

it('tells the beginning from catching up and from waiting for news', () => {
  for (const offset of ['-1', 'now', '0_inf', '0_3'])
    expect(read(`offset=${offset}`)!.phase).toBe('snapshot');
  expect(read('offset=5_0')!.phase).toBe('catching_up');
  expect(read('offset=5_0&live=false')!.phase).toBe('catching_up');
  for (const live of ['live=true', 'live', 'live=']) expect(read(`offset=5_0&${live}`)!.phase).toBe('live');
});

it('knows who looks now and then, and who reads a stream of events, only where they wait for news', () => {
  expect(read('offset=5_0&live=true&cache-buster=1')).toMatchObject({ looks: true, events: false });
  expect(read('offset=5_0&cache-buster=1')).toMatchObject({ looks: false });
  for (const sse of ['live_sse=true', 'experimental_live_sse=true']) {
    expect(read(`offset=5_0&live=true&${sse}`)).toMatchObject({ events: true });
    expect(read(`offset=5_0&${sse}`)).toMatchObject({ events: false });
  }
});

it('keeps the run, cut where it is too long', () => {
  expect(read('offset=5_0')!.run).toBe('');
  expect(read(`offset=5_0&session=${'a'.repeat(200)}`)!.run).toBe('a'.repeat(64));
});

it('takes for no position what is none: without an offset, of a subset, or without end', () => {
  for (const query of ['', 'offset=', 'offset=x', 'offset=5', 'offset=5_0&subset__limit=3'])
    expect(read(query), query).toBeUndefined();
  expect(read(`offset=5_0&region=${'1'.repeat(300)}`)).toBeUndefined();
});

import { expect, it } from 'vitest';
import { batchLookups } from './batch-lookups.ts';

it('asks once for all who ask while a query runs, and never answers from a query begun before', async () => {
  const queries: { ids: readonly string[]; answer: (() => void) | undefined }[] = [];
  const lookUp = batchLookups<string>((ids) => {
    const query = { ids, answer: undefined as (() => void) | undefined };
    queries.push(query);
    return new Promise((resolve) => {
      query.answer = () =>
        resolve(new Map(ids.map((id) => [id, `${id} of query ${queries.indexOf(query)}`])));
    });
  });
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const first = [lookUp('a'), lookUp('b'), lookUp('a')];
  await turn();
  const second = [lookUp('a'), lookUp('c')];
  await turn();
  expect(queries.map(({ ids }) => ids)).toEqual([['a', 'b']]);
  queries[0]!.answer!();
  expect(await Promise.all(first)).toEqual(['a of query 0', 'b of query 0', 'a of query 0']);
  await turn();
  expect(queries.map(({ ids }) => ids)).toEqual([
    ['a', 'b'],
    ['a', 'c'],
  ]);
  queries[1]!.answer!();
  expect(await Promise.all(second)).toEqual(['a of query 1', 'c of query 1']);
});

it('tells of a failed query those who asked in it, and goes on', async () => {
  let fails = true;
  const lookUp = batchLookups<string>(async (ids) => {
    if (fails) throw new Error('away');
    return new Map(ids.map((id) => [id, 'found']));
  });
  const refused = lookUp('a');
  await expect(refused).rejects.toThrow('away');
  fails = false;
  expect(await lookUp('a')).toBe('found');
});

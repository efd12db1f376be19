import { expect, it } from 'vitest';
import { planIncidents } from './incident-plan.ts';

const report = (id: string, incidentId: string | null) => ({ id, incidentId });
const group = (...members: ReturnType<typeof report>[]) => ({ members, contested: false });
const newId = () => 'new';

it('keeps the id where most reports stay, and makes a new incident for the rest', () => {
  const groups = [group(report('1', 'a')), group(report('2', 'a'), report('3', 'a'))];
  const plan = planIncidents(groups, ['a'], newId);
  expect(plan.groups.map(({ incidentId, isNew }) => [incidentId, isNew])).toEqual([
    ['new', true],
    ['a', false],
  ]);
});

it('gives the id to the group with the smallest report id when two are as large', () => {
  const groups = [group(report('2', 'a')), group(report('1', 'a'))];
  expect(planIncidents(groups, ['a'], newId).groups.map(({ incidentId }) => incidentId)).toEqual([
    'new',
    'a',
  ]);
});

it('merges into the oldest incident', () => {
  const groups = [group(report('1', 'b'), report('2', 'c'), report('3', 'a'), report('4', null))];
  const plan = planIncidents(groups, ['c', 'a', 'b'], newId);
  expect(plan.groups[0]?.incidentId).toBe('a');
  expect(plan.merged).toEqual([
    { id: 'b', into: 'a', inherits: true },
    { id: 'c', into: 'a', inherits: true },
  ]);
});

it('empties an incident that no report is left of', () => {
  expect(planIncidents([], ['a'], newId)).toEqual({ groups: [], merged: [], emptied: ['a'] });
});

it('leaves an incident where the reports are that were not revised', () => {
  const apart = [group(report('1', 'a')), group(report('2', 'a'))];
  expect(planIncidents(apart, ['a'], newId, '1').groups.map(({ incidentId }) => incidentId)).toEqual([
    'new',
    'a',
  ]);
  const alone = planIncidents([group(report('1', 'a'))], ['a'], newId, '1');
  expect(alone.groups[0]).toMatchObject({ incidentId: 'a', isNew: false });
  const joined = planIncidents([group(report('1', 'a'), report('2', 'b'))], ['a', 'b'], newId, '1');
  expect(joined.groups[0]?.incidentId).toBe('b');
  expect(joined.merged).toEqual([{ id: 'a', into: 'b', inherits: false }]);
});

import { describe, expect, it } from 'vitest';
import { isOwnOrigin } from './origin.ts';

describe('who may open a socket', () => {
  it.each([
    [undefined, 'halo.example'],
    ['http://halo.example', 'halo.example'],
    // TLS ends before Halo.
    ['https://halo.example', 'halo.example'],
    ['http://localhost:3000', 'localhost:3000'],
    ['https://halo.example', 'halo.example:443'],
    ['http://HALO.example', 'halo.Example'],
  ])('lets in %s at %s', (origin, host) => {
    expect(isOwnOrigin(origin, host)).toBe(true);
  });

  it.each([
    ['https://evil.example', 'halo.example'],
    ['https://halo.example.evil.example', 'halo.example'],
    ['http://localhost:3001', 'localhost:3000'],
    ['null', 'halo.example'],
    ['file://halo.example', 'halo.example'],
    ['', 'halo.example'],
    ['https://halo.example', undefined],
    ['https://halo.example', 'evil.example@halo.example/x y'],
  ])('refuses %s at %s', (origin, host) => {
    expect(isOwnOrigin(origin, host)).toBe(false);
  });
});

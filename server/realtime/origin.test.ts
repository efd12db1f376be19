import { describe, expect, it } from 'vitest';
import { mayOpenSocket } from './origin.ts';

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
    expect(mayOpenSocket(origin, host, [])).toBe(true);
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
    expect(mayOpenSocket(origin, host, ['https://app.example'])).toBe(false);
  });

  it('lets in origins that may ask by CORS, and none that is spelt like them', () => {
    const others = ['https://app.example'];
    expect(mayOpenSocket('https://app.example', 'halo.example', others)).toBe(true);
    expect(mayOpenSocket('https://app.example:8443', 'halo.example', others)).toBe(false);
    expect(mayOpenSocket('http://app.example', 'halo.example', others)).toBe(false);
  });
});

import { expect, it } from 'vitest';
import { toolConnection } from './tool-connection.ts';

it.each([
  ['postgres://u:p%40ss@db:5432/halo', 'postgres://u@db:5432/halo', 'p@ss'],
  ['postgres://u@db/halo', 'postgres://u@db/halo', undefined],
  // Arguments are to be seen by everybody on the machine.
  ['postgres://u@db/halo?password=secret&sslmode=disable', 'postgres://u@db/halo?sslmode=disable', 'secret'],
  ['postgres://u@db/halo?sslmode=no-verify', 'postgres://u@db/halo?sslmode=require', undefined],
  [
    'postgres://u@db/halo?sslmode=no-verify&sslrootcert=/ca.pem',
    'postgres://u@db/halo?sslmode=require',
    undefined,
  ],
  [
    'postgres://u@db/halo?sslmode=verify-full&sslrootcert=/ca.pem&uselibpqcompat=true',
    'postgres://u@db/halo?sslmode=verify-full&sslrootcert=%2Fca.pem',
    undefined,
  ],
  ['postgres://u@db/halo?ssl=true', 'postgres://u@db/halo?sslmode=require', undefined],
  ['postgres://u@db/halo?ssl=0', 'postgres://u@db/halo?sslmode=disable', undefined],
  [
    'postgres://u@db/halo?query_timeout=5&sslnegotiation=direct&options=-c%20work_mem%3D8MB',
    'postgres://u@db/halo?options=-c%20work_mem%3D8MB',
    undefined,
  ],
  ['postgres:///halo?host=/run/postgresql', 'postgres:///halo?host=%2Frun%2Fpostgresql', undefined],
])('%s is %s to a tool', (url, dbname, password) => {
  expect(toolConnection(url)).toEqual({ dbname, password });
});

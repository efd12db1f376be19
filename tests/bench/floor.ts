import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import pg from 'pg';
import { measure } from './measure.ts';
import type { Summary } from './measure.ts';

const RUNS = 200;
const WARM_UP = 20;
const LINE = `${JSON.stringify({ type: 'theft', description: 'A bicycle was taken', padding: 'x'.repeat(200) })}\n`;

/** Durable append of one line to a file: what any outbox must at least do. */
export async function durableAppend(dir: string): Promise<Summary> {
  const file = openSync(join(dir, 'floor-append'), 'w');
  try {
    return await measure(RUNS, WARM_UP, async () => {
      writeSync(file, LINE);
      fdatasyncSync(file);
    });
  } finally {
    closeSync(file);
  }
}

/** One POST and its answer over loopback on a kept connection. */
export async function httpRoundTrip(): Promise<Summary> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.end('{}'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    return await measure(RUNS, WARM_UP, async () => {
      await (await fetch(url, { method: 'POST', body: LINE })).text();
    });
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

/** One committed INSERT by the same driver. */
export async function rawInsert(databaseUrl: string): Promise<Summary> {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  try {
    await client.query('CREATE TABLE floor_insert (id bigint PRIMARY KEY, line text NOT NULL)');
    return await measure(RUNS, WARM_UP, async (run) => {
      await client.query('INSERT INTO floor_insert (id, line) VALUES ($1, $2)', [run, LINE]);
    });
  } finally {
    await client.query('DROP TABLE IF EXISTS floor_insert');
    await client.end();
  }
}

/** One committed INSERT into a PGlite that keeps its files on disk. */
export async function replicaInsert(dir: string): Promise<Summary> {
  const replica = await PGlite.create(join(dir, 'floor-replica'));
  try {
    await replica.exec('CREATE TABLE floor_insert (id bigint PRIMARY KEY, line text NOT NULL)');
    return await measure(RUNS, WARM_UP, async (run) => {
      await replica.query('INSERT INTO floor_insert (id, line) VALUES ($1, $2)', [run, LINE]);
    });
  } finally {
    await replica.close();
  }
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Tap } from '../../lib/php/socket.ts';
import { type ClientEvent, Taps } from '../../lib/trace/tap.ts';
import { frame, REQUEST } from '../wire.ts';
import { RESPONSE } from './connection.ts';

const taps = new Taps();

/** A tap whose handshake is over, and what it tells from then on. */
function tapped(id: number): { client: { id: number; step: number }; tap: Tap; events: ClientEvent[] } {
  const client = { id, step: 0 }, events: ClientEvent[] = [], tap = taps.tapOf(client, (event) => events.push(event));
  tap('client', Buffer.from(REQUEST), false);
  tap('server', Buffer.from(RESPONSE), false);
  assert.deepEqual(events.splice(0).map(({ kind }) => kind), ['request', 'response']);
  return { client, tap, events };
}

/** The loop goes to sleep, and the next pass begins. */
const nextPass = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('both directions of a client become events of that client, in their order, each at its time', async () => {
  const { tap, events } = tapped(7);
  tap('client', frame(1, 'Hello'), false);
  tap('server', frame(1, 'Hello', { masked: false }), false);
  await nextPass();
  tap('client', null, false);
  tap('server', null, false);
  assert.deepEqual(events.map(({ client, n, from, kind }) => [client, n, from, kind]), [
    [7, 3, 'client', 'frame'], [7, 4, 'server', 'frame'], [7, 5, 'client', 'end'], [7, 6, 'server', 'end'],
  ]);
  for (const [i, { at }] of events.entries()) assert.ok(at >= (events[i - 1]?.at ?? 0) && at < 60_000);
});

test('of a flood in one pass the first 100 events are told, the others are counted; the next pass tells again', async () => {
  await nextPass();
  const { tap, events } = tapped(1);
  tap('client', Buffer.concat(Array(1000).fill(frame(1, 'x')) as Buffer[]), false);
  for (let i = 0; i < 500; i++) tap('server', frame(1, 'x', { masked: false }), false);
  assert.equal(events.length, 98);
  await nextPass();
  tap('client', frame(1, 'x'), false);
  assert.deepEqual([events.length, events.at(-1)!.lost], [99, 1402]);
});

test('200 events are told of all clients together', async () => {
  await nextPass();
  const taps = Array.from({ length: 10 }, (_, i) => tapped(i));
  for (const { tap } of taps) tap('client', Buffer.concat(Array(500).fill(frame(1, 'x')) as Buffer[]), false);
  assert.equal(taps.reduce((sum, { events }) => sum + events.length, 0), 200 - 20);
  await nextPass();
});

test('a fault in the telling ends the telling, and nothing else', () => {
  let told = 0;
  const tap = taps.tapOf({ id: 7, step: 0 }, () => {
    told++;
    throw new Error('cannot tell');
  });
  tap('client', Buffer.from(REQUEST), false);
  tap('server', Buffer.from(RESPONSE), false);
  tap('client', null, false);
  assert.equal(told, 1);
});

test('a request of 16 KiB counts as 32 events', async () => {
  await nextPass();
  const head = Buffer.from(`GET / HTTP/1.1\r\nCookie: ${'x'.repeat(16_345)}\r\n\r\n`);
  let told = 0;
  for (let client = 0; client < 10; client++) taps.tapOf({ id: client, step: 0 }, () => told++)('client', head, false);
  assert.equal(told, 7);
  await nextPass();
});

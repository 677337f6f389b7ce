import assert from 'node:assert/strict';
import test from 'node:test';
import { RSV1 } from '../conformance/row.ts';
import { Program } from '../program.ts';
import { stopServer } from './echo_server.ts';
import { players } from './real_clients.ts';
import { DEADLINE } from './installed.ts';
import { tap } from './tap.ts';

for (const { name, expected, compresses, play } of players) {
  test(`${name} gets every message back and closes cleanly`, { timeout: DEADLINE }, async (t) => {
    const server = await Program.start(t);
    const report = await play(t, server.url);
    if (report === null) return;
    await stopServer(server);
    assert.deepEqual(report, expected);
  });

  test(`${name} does so with messages that are compressed`, { timeout: DEADLINE }, async (t) => {
    const server = await Program.start(t, '--deflate');
    const { url, connections } = await tap(t, server.url);
    const report = await play(t, url);
    if (report === null) return;
    await stopServer(server);
    assert.deepEqual(report, expected);
    const compressed = (way: 'sent' | 'received'): boolean =>
      connections.some((one) => one[way].frames.some(({ first }) => (first & RSV1) !== 0));
    const heads = connections.map(({ received }) => received.head.toString()).join('');
    assert.match(heads, /\r\nSec-WebSocket-Extensions: permessage-deflate; /);
    assert.ok(compressed('received'), 'RSV1 is set in frames of the server');
    assert.equal(compressed('sent'), compresses, 'RSV1 is set in frames of the client');
  });
}

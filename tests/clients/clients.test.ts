import assert from 'node:assert/strict';
import test from 'node:test';
import { Program } from '../program.ts';
import { stopServer } from './echo_server.ts';
import { players } from './players.ts';
import { DEADLINE } from './program.ts';
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
    const { url, sent, received } = await tap(t, server.url);
    const report = await play(t, url);
    if (report === null) return;
    await stopServer(server);
    assert.deepEqual(report, expected);
    assert.match(received.head, /\r\nSec-WebSocket-Extensions: permessage-deflate; /);
    assert.ok(received.compressed > 0, 'RSV1 is set in frames of the server');
    assert.equal(sent.compressed > 0, compresses, 'RSV1 is set in frames of the client');
  });
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client } from '../../lib/limits/client.ts';
import { AF_INET, SOCK_STREAM, socket_create } from '../../lib/php/sockets.ts';

test('a new client is waited for its request, holds nothing, and has an inbox with the limit of its messages', () => {
  const socket = socket_create(AF_INET, SOCK_STREAM, 0), client = new Client(socket, 1000, 77);
  assert.deepEqual([client.socket, client.wait, client.since, client.held, client.messages], [socket, 'request', 77, 0, 0]);
  assert.deepEqual([client.inbox.maxPayload, client.inbox.held], [1000, 0]);
});

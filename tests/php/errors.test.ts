import assert from 'node:assert/strict';
import { constants } from 'node:os';
import { test } from 'node:test';
import { socket_last_error, socket_strerror, SocketError } from '../../lib/php/errors.ts';
import { AF_INET, Socket } from '../../lib/php/socket.ts';

test('socket_strerror() has words for what the system says', () => {
  assert.equal(socket_strerror(constants.errno.ECONNRESET), 'connection reset by peer');
  assert.equal(socket_strerror(99999), 'unknown error 99999');
});

test('a SocketError has the action, the words, the number as PHP has it, and its name', () => {
  const error = new SocketError('Cannot listen', { errno: -constants.errno.EADDRINUSE, code: 'EADDRINUSE' } as NodeJS.ErrnoException);
  assert.equal(error.message, 'Cannot listen: address already in use (EADDRINUSE)');
  assert.deepEqual([error.errno, error.code], [constants.errno.EADDRINUSE, 'EADDRINUSE']);
});

test('socket_last_error() is the socket\'s own', () => {
  const [one, other] = [AF_INET, AF_INET].map((domain) => new Socket(domain, { l_onoff: 1, l_linger: 5 }));
  one!.errno = constants.errno.EPIPE;
  assert.deepEqual([socket_last_error(one!), socket_last_error(other!)], [constants.errno.EPIPE, 0]);
});

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import * as php from '../../lib/php/socket.ts';

const { AF_UNIX, Socket } = php;

test('sockets are numbered in the order of their creation, and no number comes twice', () => {
  const sockets = Array.from({ length: 5 }, () => new Socket(AF_UNIX, { l_onoff: 0, l_linger: 0 }));
  assert.deepEqual(sockets.map(({ id }) => id - sockets[0]!.id), [0, 1, 2, 3, 4]);
});

test('the numbers are those that PHP shows on Linux', (t) => {
  const { MAX_PATH, Socket, ...numbers } = php;
  assert.ok(MAX_PATH > 100);
  const code = 'echo json_encode(array_combine(array_slice($argv, 1), array_map("constant", array_slice($argv, 1))));';
  const { status, stdout } = spawnSync('php', ['-r', code, '--', ...Object.keys(numbers)], { encoding: 'utf8' });
  if (status !== 0 || process.platform !== 'linux') return t.skip('PHP with its sockets is missing, or this is no Linux');
  assert.deepEqual(JSON.parse(stdout), numbers);
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { watchDescriptors } from '../../lib/php/descriptors.ts';
import { AF_INET, SOCK_STREAM, socket_create, socket_last_error, SOL_TCP } from '../../lib/php/sockets.ts';
import { Program } from '../program.ts';
import { Wire } from '../wire.ts';

describe('watchDescriptors()', () => {
  test('says nothing while there are descriptors', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const server = socket_create(AF_INET, SOCK_STREAM, SOL_TCP);
    watchDescriptors(server);
    watchDescriptors(server);
    t.mock.timers.tick(1000);
    assert.equal(socket_last_error(server), 0);
  });

  test('a server that took its last descriptor says so within a second, though nobody else comes', {
    skip: process.platform !== 'linux' && 'ulimit counts otherwise',
  }, async (t) => {
    const program = await Program.startIn('ulimit -n 64; exec "$@"', t, '--quiet');
    const wires: Wire[] = [];
    t.after(() => { for (const wire of wires) wire.socket.destroy(); });
    let isFull = false;
    program.printed('Cannot accept a client: too many open files', 'stderr').then(() => { isFull = true; }, () => {});
    // A client that is cut gets no answer. Others come until the server has said so: the program itself may have had a
    // file open when the last descriptor was taken, and closed it before it looked
    for (let tries = 0; !isFull && tries < 100_000; tries++) {
      await Wire.open(program.where).then((wire) => wires.push(wire), () => {});
    }
    assert.ok(isFull, 'the server says that no descriptor is left');
    assert.ok(wires.length > 10 && wires.length < 64, `${wires.length} clients`);
  });
});

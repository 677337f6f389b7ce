import assert from 'node:assert/strict';
import { readdirSync, readlinkSync } from 'node:fs';
import { devNull } from 'node:os';
import { describe, test } from 'node:test';
import { needDescriptors, watchDescriptors } from '../../lib/php/descriptors.ts';
import { AF_INET, SOCK_STREAM, socket_create, socket_last_error, SOL_TCP } from '../../lib/php/sockets.ts';
import { Program } from '../program.ts';
import { frame, Wire } from '../wire.ts';

test('needDescriptors() leaves none of them open', { skip: process.platform !== 'linux' && 'needs /proc' }, () => {
  // Node's own threads open and close others meanwhile: only those of the null device are counted
  const opened = (): number => readdirSync('/proc/self/fd').filter((descriptor) => {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`) === devNull;
    } catch {
      return false;
    }
  }).length;
  const before = opened();
  needDescriptors(16);
  assert.equal(opened(), before);
});

describe('watchDescriptors()', () => {
  test('says nothing while there are descriptors', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const server = socket_create(AF_INET, SOCK_STREAM, SOL_TCP);
    watchDescriptors(server);
    watchDescriptors(server);
    t.mock.timers.tick(1000);
    assert.equal(socket_last_error(server), 0);
  });

  test('a server without descriptors serves whom it has, says so once, does not spin, and accepts again', {
    skip: process.platform !== 'linux' && 'ulimit counts otherwise',
  }, async (t) => {
    const program = await Program.startIn('ulimit -n 64; exec "$@"', t, '--quiet');
    t.after(() => Wire.cutAll());
    const innocent = await Wire.open(program.where), wires: Wire[] = [];
    let isFull = false;
    const told = program.printed('Cannot accept a client: too many open files', 'stderr').then(() => { isFull = true; });
    // A client that is cut gets no answer. Others come until the server has said so: the program itself may have had a
    // file open when the last descriptor was taken, and closed it before it looked
    for (let tries = 0; !isFull && tries < 100_000; tries++) {
      await Wire.open(program.where).then((wire) => wires.push(wire), () => {});
    }
    assert.ok(isFull, 'the server says that no descriptor is left');
    await told;
    assert.ok(wires.length > 10 && wires.length < 64, `${wires.length} clients`);
    const before = await program.cpuTicks();
    // Waiting is what is tested: a loop that spins would be 50 ticks
    await new Promise((resolve) => setTimeout(resolve, 500));
    assert.ok(await program.cpuTicks() - before < 20);
    innocent.send(frame(1, 'hello'));
    assert.equal((await innocent.frame()).payload.toString(), 'hello');
    for (const wire of wires) wire.socket.destroy();
    // Not even its numbers need one
    while ((await program.stats())['sockets'] !== 2);
    await Wire.open(program.where);
    assert.equal(program.stderr.match(/too many open files/g)?.length, 1);
  });
});

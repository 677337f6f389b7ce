import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { coresOf } from './cores.ts';
import { membersOf, usageOf } from './usage.ts';

describe('usage', { skip: process.platform !== 'linux' && 'only Linux tells' }, () => {
  test('counts the CPU time that is spent', () => {
    const before = usageOf([process.pid])!.cpu;
    const { user, system } = process.cpuUsage();
    // In the kernel too
    for (const end = performance.now() + 300; performance.now() < end;) readFileSync('/proc/self/stat');
    const own = process.cpuUsage({ user, system });
    const spent = usageOf([process.pid])!.cpu - before;
    // It counts in hundredths
    assert.ok(Math.abs(spent - (own.user + own.system) / 1e6) <= 0.021, `${spent} s`);
  });
  test('finds all processes of a group', async () => {
    const child = spawn('/bin/sh', ['-c', 'sleep 60 & sleep 60 & echo; wait'], { detached: true });
    try {
      await once(child.stdout, 'data');
      assert.equal(membersOf(child.pid!).length, 3);
      assert.ok(membersOf(child.pid!).includes(child.pid!));
    } finally {
      process.kill(-child.pid!, 'SIGKILL');
    }
  });
});

test('coresOf() reads ranges and single cores', () => {
  assert.deepEqual(coresOf('0-2,8'), [0, 1, 2, 8]);
  assert.deepEqual(coresOf('5'), [5]);
});

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { coresOf } from './cores.ts';
import { membersOf, usageOf } from './usage.ts';

describe('usage', { skip: process.platform !== 'linux' && 'only Linux tells' }, () => {
  test('counts the CPU time that is spent', () => {
    const outer = process.cpuUsage(), before = usageOf([process.pid])!.cpu, inner = process.cpuUsage();
    // In the kernel too
    for (const end = performance.now() + 300; performance.now() < end;) readFileSync('/proc/self/stat');
    const least = process.cpuUsage(inner), spent = usageOf([process.pid])!.cpu - before, most = process.cpuUsage(outer);
    // It counts in hundredths
    assert.ok(spent >= (least.user + least.system) / 1e6 - 0.021, `${spent} s is too little`);
    assert.ok(spent <= (most.user + most.system) / 1e6 + 0.021, `${spent} s is too much`);
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

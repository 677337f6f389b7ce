import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Arrays } from '../../lib/limits/limits.ts';
import { statsOf } from '../../lib/program/stats.ts';
import { Program } from '../program.ts';
import { frame, Wire } from '../wire.ts';

describe('statsOf()', () => {
  test('is one line of JSON, and counts no holes', () => {
    const sockets: object[] = [];
    sockets[0] = sockets[7] = {};
    const arrays = { sockets, handShake: [], inboxes: [{}], selectWrite: [] } as unknown as Arrays;
    const line = statsOf(arrays, { held: 3, messages: 4 });
    const { uptime, memory, ...others } = JSON.parse(line) as Record<string, number>;
    assert.deepEqual(others, { sockets: 2, handShake: 0, inboxes: 1, selectWrite: 0, held: 3, messages: 4 });
    assert.ok(uptime! > 0 && uptime! < 3600);
    assert.ok(memory! > 1 << 20);
    assert.ok(!line.includes('\n'));
  });
});

test('SIGUSR2 prints them: clients come, speak, leave half a frame, and go', async (t) => {
  const program = await Program.start(t);
  const read = async (): Promise<number[]> => {
    const { sockets, handShake, inboxes, selectWrite, held, messages } = await program.stats();
    return [sockets, handShake, inboxes, selectWrite, held, messages] as number[];
  };
  assert.deepEqual(await read(), [1, 0, 0, 0, 0, 0]);
  const wire = await Wire.open(program.where);
  await Wire.connect(program.where);
  await program.printed('新链接2');
  assert.deepEqual(await read(), [3, 1, 2, 0, 0, 0]);
  wire.send(frame(1, 'one'), frame(9), frame(1, 'two').subarray(0, 3));
  await wire.frame();
  await wire.frame();
  assert.deepEqual(await read(), [3, 1, 2, 0, 3, 2]);
  wire.end();
  await program.printed('客户端1主动关闭');
  assert.deepEqual(await read(), [2, 0, 1, 0, 0, 2]);
});

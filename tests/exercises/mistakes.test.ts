/** What learners often do wrong is named by the checks, and what is no exercise by the command line. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { run } from '../helpers.ts';
import { type Addition, checked, CLI, SOLUTIONS } from './solutions.ts';

/** A solution with something in it replaced. */
function spoilt(number: number, from: string, to: string): Addition[] {
  const additions = SOLUTIONS[number - 1]!.map(([place, code]) => [place, code.replaceAll(from, () => to)] as Addition);
  assert.notDeepEqual(additions, SOLUTIONS[number - 1]);
  return additions;
}

describe('what often goes wrong is named', { concurrency: 4 }, () => {
  for (const [number, what, from, to, sentence] of [
    [1, 'the sender too', 'other !== socket', 'other', /gets it once\n +It got it 2 times/],
    [1, 'the holes of the array', 'Object.values(handShake)', 'handShake', /Client 2 got nothing[^]*the array\s+has holes/],
    [1, 'each frame', 'if (message.opcode <= BINARY) for', 'for', /✗ a Pong goes only to/],
    [1, 'before the handshake', 'Object.values(handShake)', 'Object.values(sockets).filter((one) => one !== server)',
      /✗ a client that has not shaken hands gets nothing before its 101/],
    [2, 'the length of an array with holes', 'Object.keys(handShake).length', 'handShake.length', /count its keys/],
    [3, 'no frame', 'buildMsg(new Date().toTimeString())', 'new Date().toTimeString()', /no frame of text came[^]*buildMsg/],
    [3, 'at any time', 'tempSelectRead.length + tempSelectWrite.length === 0', 'true',
      /✗ while client 2 talks, no time comes/],
    [4, 'Pongs do not count', 'if (message.opcode === PONG) answered[socket.id] = Date.now();', '',
      /✗ client 1 answers each, and stays/],
    [5, 'one count for all', 'counts[socket.id]!', 'counts[1]!', /✗ a message of 1,000 bytes is answered/],
    [6, 'a name that stays taken', 'delete names[socket.id];', '',
      /✗ the others are told who leaves\n[^]*The server (has ended, and )?said:\n/],
  ] as const) {
    test(`${number}: ${what}`, async (t) => {
      const { status, stdout, stderr } = await checked(t, number, spoilt(number, from, to));
      assert.match(stdout, sentence);
      assert.deepEqual([status, stderr], [1, '']);
    });
  }
});

test('several numbers are checked one after another', async () => {
  const { status, stdout } = await run(CLI, '6', '1');
  assert.equal(status, 1);
  assert.match(stdout, /^Exercise 6[^]*\nExercise 1/);
});

test('what cannot be checked has exit status 2', async (t) => {
  for (const [args, line] of [
    [['one'], /^exercise: there is no exercise 'one': they are 1 to 6\n$/],
    [['--nothing'], /^exercise: Unknown option '--nothing'.*\n$/],
    [['1', '--server', 'nowhere.ts'], /^exercise: there is no file .*nowhere\.ts\n$/],
  ] as const) {
    const { status, stdout, stderr } = await run(CLI, ...args);
    assert.match(stderr, line);
    assert.deepEqual([status, stdout], [2, '']);
  }
  const { status, stderr } = await checked(t, 1, [['before the loop', 'while ((']]);
  assert.equal(status, 2);
  assert.match(stderr, /^exercise: the server does not start, and says:\n[^]*server\.ts/);
});

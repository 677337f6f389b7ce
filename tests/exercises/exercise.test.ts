/** The command line of the exercises. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { run } from '../helpers.ts';
import { EXERCISES } from './all.ts';
import { checked, CLI } from './checkout.ts';

describe('the command line', () => {
  test('--list names them, --help tells the flags, in both languages', async () => {
    assert.deepEqual(await run(CLI, '--list'), { status: 0, stderr: '',
      stdout: EXERCISES.map(({ title }, i) => `Exercise ${i + 1}: ${title.en}\n`).join('') });
    assert.match((await run(CLI, '--list', '--chinese')).stdout, /^练习 1：/);
    assert.match((await run(CLI, '--help')).stdout, /^Checks README's exercises[^]*--server FILE/);
    assert.match((await run(CLI, '--help', '--chinese')).stdout, /^检查 README 中的练习[^]*--server FILE/);
  });
  test('several numbers are checked one after another', async () => {
    const { status, stdout } = await run(CLI, '6', '1');
    assert.equal(status, 1);
    assert.match(stdout, /^Exercise 6[^]*\nExercise 1/);
  });
  test('a wrong command line is one line and exit status 2', async () => {
    for (const [args, line] of [
      [['one'], /^exercise: there is no exercise 'one': they are 1 to \d+ \(--list names them\)\n$/],
      [['7', '--chinese'], /^exercise: 没有练习 '7'：编号是 1 到 6（--list 列出题目）\n$/],
      [['--nothing'], /^exercise: Unknown option '--nothing'.*\n$/],
      [['1', '--server', 'nowhere.ts'], /^exercise: there is no file .*nowhere\.ts\n$/],
    ] as const) {
      const { status, stdout, stderr } = await run(CLI, ...args);
      assert.match(stderr, line);
      assert.deepEqual([status, stdout], [2, '']);
    }
  });
  test('a server that does not start is shown with what it said, exit status 2', async (t) => {
    const { status, stderr } = await checked(t, 1, [['before the loop', 'while ((']]);
    assert.equal(status, 2);
    assert.match(stderr, /^exercise: the server does not start, and says:\n[^]*server\.ts/);
  });
});

/** The whole program: each row is played for a moment, to see that it works. Nothing is said about figures. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Ended, folder, run } from '../helpers.ts';
import { ROWS } from './rows.ts';

const PROGRAM = 'tests/bench/bench.ts';
const bench = (...args: string[]): Promise<Ended> => run(PROGRAM, '--seconds', '0.2', '--rounds', '1', ...args);
const wrong = fileURLToPath(new URL('servers/wrong.js', import.meta.url));

describe('npm run bench', () => {
  test('plays each row with this server, ws and a raw echo', async () => {
    const { status, stdout, stderr } = await bench('--json', '--only', '^(this|ws [\\d.]+$|node)');
    assert.equal(status, 0, stderr);
    const { results } = JSON.parse(stdout) as {
      results: { row: { name: string }; peer: { name: string }; rounds: unknown[]; why: string | null }[];
    };
    assert.equal(results.length, ROWS.length * 3);
    for (const { row, peer, rounds, why } of results) {
      assert.ok(rounds.length === 1 || why !== null, `${row.name}: ${peer.name}`);
      assert.ok(peer.name !== 'this server' || rounds.length === 1, `${row.name}: ${why}`);
    }
  });
  test('goes on after a server that answers wrongly, and ends with 1', async () => {
    const { status, stdout, stderr } = await bench('--row', '^1 x|^10 x', '--only', '^(this|Wrong)',
      '--peer', `Wrong="${process.execPath}" "${wrong}" {port}`);
    assert.equal(status, 1);
    assert.match(stdout, /^10 x [^]*Wrong: FAILED: An answer is wrong[^]*^1 x [^]*Wrong: FAILED: An answer is wrong/m);
    assert.match(stdout, /^  this server +[\d,]+ /m);
    assert.match(stderr, /^FAILED: 1 x 1 x 16: Wrong: An answer is wrong/m);
  });
  test('says what a server says that does not start', async () => {
    const { status, stderr } = await bench('--row', '^1 x', '--only', 'Dead', '--peer', 'Dead=echo out of order {port} >&2');
    assert.equal(status, 1);
    assert.match(stderr, /Dead: does not start: .*out of order/);
  });
  test('draws both charts', async (t) => {
    const path = await folder(t);
    const { status } = await bench('--row', '^100 x 1 x|scaling 0$', '--only', '^this',
      '--svg', join(path, 'bars.svg'), '--scale-svg', join(path, 'scale.svg'));
    assert.equal(status, 0);
    for (const file of readdirSync(path)) assert.match(readFileSync(join(path, file), 'utf8'), /this server/);
    assert.equal(readdirSync(path).length, 2);
  });
  test('compares Nodes in one table', async () => {
    const { status, stdout } = await bench('--row', '^1 x', '--markdown', '--nodes', `a=${process.execPath},b=${process.execPath}`);
    assert.equal(status, 0);
    assert.match(stdout, /\| Node a \| Node b \|\n.*\n\| 1 x 1 x 16 \| p50, µs \| [\d.]+ \(/);
  });
  test('lists its rows', async () => {
    const { stdout } = await run(PROGRAM, '--list');
    assert.deepEqual(stdout.trim().split('\n'), ROWS.map(({ name }) => name));
  });
  test('ends with 2 and one line where its own line is wrong', async () => {
    for (const args of [['--seconds', 'x'], ['--rounds', '1.5'], ['--row', 'no such row'], ['--peer', 'Bun'],
      ['--nodes', '/a/node'], ['--what']]) {
      const { status, stderr } = await run(PROGRAM, ...args);
      assert.deepEqual([status, stderr.trim().split('\n').length], [2, 1], stderr);
    }
  });
  test('skips a row with a line where there are too few descriptors', { skip: process.platform !== 'linux' }, () => {
    const { status, stdout } = spawnSync('/bin/sh', ['-c',
      `ulimit -n 500; exec "${process.execPath}" --import tsx ${PROGRAM} --seconds 0.2 --rounds 1 --only ^this --row 'scaling 1000$'`],
    { cwd: fileURLToPath(new URL('../..', import.meta.url)), encoding: 'utf8' });
    assert.equal(status, 0);
    assert.match(stdout, /this server: not played: the load may have 500 descriptors and needs 1200: .*ulimit -n 1200/);
  });
});

/** The whole program: each row is played for a moment, to see that it works. Nothing is said about figures. */
import assert from 'node:assert/strict';
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
  test('plays each row with this server, ws and a raw echo, and draws both charts', async (t) => {
    const path = await folder(t);
    const { status, stdout, stderr } = await bench('--only', '^(this|ws [\\d.]+$|node)', '--svg', path);
    assert.equal(status, 0, stderr);
    const lines = stdout.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
    for (const { name, group, idle } of ROWS) {
      const isScaling = group === 'scaling', called = isScaling ? idle.toLocaleString('en') : name;
      const figure = lines.find(([, first]) => first === called)?.[isScaling ? 2 : 3];
      // Only Linux tells what a server costs
      if (process.platform === 'linux') assert.match(figure ?? '', /^-?[\d,.]+$/, name);
    }
    const charts = readdirSync(path).map((file) => readFileSync(join(path, file), 'utf8'));
    assert.equal(charts.length, 2);
    for (const svg of charts) {
      assert.match(svg, />this server</);
      assert.doesNotMatch(svg, /NaN|undefined|Infinity/);
    }
  });
  test('goes on after a server that answers wrongly, and one that does not start, and ends with 1', async () => {
    const { status, stdout, stderr } = await bench('--row', '^(1|10|2) x', '--only', '^(this|Wrong|Dead)',
      '--peer', `Wrong="${process.execPath}" "${wrong}" {port}`, '--peer', 'Dead=echo out of order {port} >&2');
    assert.equal(status, 1);
    assert.match(stdout, /^\| 1 x 1 x 16 \| p50, µs \| [\d,]+ \|/m);
    for (const row of ['10 x 10 x 16384', '1 x 1 x 16', '2 x 2 x 1048576']) {
      assert.ok(stderr.includes(`FAILED: ${row}: Wrong: An answer is wrong`));
    }
    assert.match(stderr, /Dead: does not start: .*out of order/);
  });
  test('compares Nodes in one table', async () => {
    const { status, stdout } = await bench('--row', '^1 x', '--nodes', `a=${process.execPath},b=${process.execPath}`);
    assert.equal(status, 0);
    assert.match(stdout, /\| Node a \| Node b \|\n.*\n\| 1 x 1 x 16 \| p50, µs \| [\d.]+ \(/);
  });
  test('ends with 2 and one line where its own line is wrong', async () => {
    for (const args of [['--seconds', 'x'], ['--row', 'no such'], ['--peer', 'Bun'], ['--nodes', '/a'], ['--what']]) {
      const { status, stderr } = await run(PROGRAM, ...args);
      assert.deepEqual([status, stderr.trim().split('\n').length], [2, 1], stderr);
    }
  });
});

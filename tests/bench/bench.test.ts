/** The whole program: each row is played for a moment, to see that it works. Nothing is said about figures. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { BINARY, TEXT } from '../../lib/websocket/frame.ts';
import { reply, RSV1 } from '../conformance/row.ts';
import { type Ended, folder, run } from '../helpers.ts';
import { framesIn } from '../wire.ts';
import { messagesFor } from './payloads.ts';
import { ROWS } from './rows.ts';

const PROGRAM = 'tests/bench/bench.ts';
const bench = (...args: string[]): Promise<Ended> => run(PROGRAM, '--seconds', '0.2', '--rounds', '1', ...args);
const wrong = fileURLToPath(new URL('servers/wrong.js', import.meta.url));

describe('npm run bench', () => {
  test('plays each row with this server, ws and a raw echo', async () => {
    const { status, stdout, stderr } = await bench('--only', '^(this|ws [\\d.]+$|node)');
    assert.equal(status, 0, stderr);
    const lines = stdout.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
    for (const { name, group, idle } of ROWS) {
      const isScaling = group === 'scaling', called = isScaling ? idle.toLocaleString('en') : name;
      const figure = lines.find(([, first]) => first === called)?.[isScaling ? 2 : 3];
      // Only Linux tells what a server costs
      if (process.platform === 'linux') assert.match(figure ?? '', /^-?[\d,.]+$/, name);
    }
  });
  test('goes on after a server that answers wrongly, and ends with 1', async () => {
    const { status, stdout, stderr } = await bench('--row', '^1 x|^10 x', '--only', '^(this|Wrong)',
      '--peer', `Wrong="${process.execPath}" "${wrong}" {port}`);
    assert.equal(status, 1);
    assert.match(stdout, /^10 x [^]*Wrong: FAILED: An answer is wrong[^]*^1 x [^]*Wrong: FAILED: An answer is wrong/m);
    assert.match(stdout, /^\| 1 x 1 x 16 +\| p50, µs +\| +[\d,]+ \|/m);
    assert.match(stderr, /^FAILED: 1 x 1 x 16: Wrong: An answer is wrong/m);
  });
  test('takes right answers, cut anywhere, and refuses wrong ones', () => {
    for (const row of ROWS.filter(({ name }) => /^(?:deflate )?100 x 1 x/.test(name))) {
      const messages = messagesFor(row, false), [one] = framesIn(messages.frames(0, 1));
      const [other] = framesIn(messages.frames(1, 1)), rsv = row.deflate ? RSV1 : 0;
      const answer = reply(TEXT, one!.payload, rsv);
      for (let at = 0; at < answer.length; at++) {
        const read = messages.reader(), wrong = Buffer.from(answer);
        assert.equal(read(answer.subarray(0, at), at) + read(answer.subarray(at), answer.length - at), 1);
        wrong[at]! ^= 1;
        if (!row.deflate) assert.throws(() => messages.reader()(wrong, wrong.length), /An answer is wrong/, `byte ${at}`);
      }
      const another = row.deflate ? reply(TEXT, other!.payload, rsv) : reply(BINARY, one!.payload);
      assert.throws(() => messages.reader()(another, another.length), /An answer is wrong/);
    }
  });
  test('says what a server says that does not start', async () => {
    const { status, stderr } = await bench('--row', '^1 x', '--only', 'Dead', '--peer', 'Dead=echo out of order {port} >&2');
    assert.equal(status, 1);
    assert.match(stderr, /Dead: does not start: .*out of order/);
  });
  test('draws both charts', async (t) => {
    const path = await folder(t);
    const { status } = await bench('--row', '^100 x 1 x|scaling 0$', '--only', '^this', '--svg', path);
    assert.equal(status, 0);
    for (const file of readdirSync(path)) {
      const svg = readFileSync(join(path, file), 'utf8');
      assert.match(svg, /<desc id="desc">[^<]*this server/);
      assert.doesNotMatch(svg, /NaN|undefined|Infinity/);
    }
    assert.equal(readdirSync(path).length, 2);
  });
  test('compares Nodes in one table', async () => {
    const { status, stdout } = await bench('--row', '^1 x', '--markdown', '--nodes', `a=${process.execPath},b=${process.execPath}`);
    assert.equal(status, 0);
    assert.match(stdout, /\| Node a \| Node b \|\n.*\n\| 1 x 1 x 16 +\| p50, µs \| [\d.]+ \(/);
  });
  test('ends with 2 and one line where its own line is wrong', async () => {
    for (const args of [['--seconds', 'x'], ['--rounds', '1.5'], ['--row', 'no such row'], ['--peer', 'Bun'],
      ['--nodes', '/a/node'], ['--what']]) {
      const { status, stderr } = await run(PROGRAM, ...args);
      assert.deepEqual([status, stderr.trim().split('\n').length], [2, 1], stderr);
    }
  });
});

/** The exercises can be solved, and are not solved yet. */
import assert from 'node:assert/strict';
import { readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { TEXT } from '../../lib/websocket/frame.ts';
import { READMES, run, TOP } from '../helpers.ts';
import { Program } from '../program.ts';
import { inflated } from '../raw_deflate.ts';
import { frame, Wire } from '../wire.ts';
import { EXERCISES } from './exercises.ts';
import { apply, checked, CLI, diffOf, house, original, SOLUTIONS } from './solutions.ts';

for (const [i, { title }] of EXERCISES.entries()) {
  describe(`exercise ${i + 1}, ${title.en}`, { concurrency: true }, () => {
    test('is solved by its solution', async (t) => {
      const { status, stdout, stderr } = await checked(t, i + 1, SOLUTIONS[i]!);
      assert.deepEqual([status, stderr], [0, ''], stdout + stderr);
      assert.doesNotMatch(stdout, /✗/);
    });
    test('is not solved by server.ts, which it says in a sentence', async () => {
      for (const flags of [[], ['--chinese']]) {
        const { status, stdout, stderr } = await run(CLI, `${i + 1}`, ...flags);
        assert.deepEqual([status, stderr], [1, '']);
        assert.match(stdout, /\n  ✗ .{8,}\n {6}\S.{8,}/);
        assert.match(stdout, flags.length > 0 ? /^练习 / : /^Exercise /);
      }
    });
  });
}

test('both pages have the exercises under their numbers, and these solutions as answers', async () => {
  const server = await original();
  for (const language of ['en', 'zh'] as const) {
    const page = await readFile(join(TOP, 'tests/exercises', READMES[language]), 'utf8');
    assert.deepEqual(Array.from(page.matchAll(/^### (\d\. .*)$/gm), ([, title]) => title),
      EXERCISES.map(({ title }, i) => `${i + 1}. ${title[language]}`));
    assert.deepEqual(Array.from(page.matchAll(/^```diff\n([^]*?)\n```$/gm), ([, diff]) => diff),
      SOLUTIONS.map((additions) => diffOf(server, additions)));
  }
});

test('a message to everybody is compressed for those that have agreed on it, and for nobody else', async (t) => {
  const path = await house(t, { 'server.ts': apply(await original(), SOLUTIONS[0]!) });
  const { where } = await Program.of(join(path, 'server.ts'), t, '--quiet', '--deflate').listens();
  const offer = 'Sec-WebSocket-Extensions: permessage-deflate\r\n';
  const small = 'Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=9\r\n';
  const wires = [await Wire.open(where), await Wire.open(where, offer), await Wire.open(where, small)];
  t.after(() => { for (const wire of wires) wire.socket.destroy(); });
  const text = 'hello '.repeat(100);
  for (const [speaker] of wires.entries()) {
    wires[speaker]!.send(frame(TEXT, text));
    for (const [i, wire] of wires.entries()) {
      const { first, payload } = await wire.frame();
      assert.equal(first, i === 0 ? 0x81 : 0xc1, `client ${i} of ${speaker}`);
      assert.equal((i === 0 ? payload : inflated(payload)).toString(), text);
    }
  }
});

test('the solutions are TypeScript that the check of the types accepts', async (t) => {
  const text = await original();
  const files = Object.fromEntries(SOLUTIONS.map((additions, i) => [`solved${i + 1}.ts`, apply(text, additions)]));
  const config = { extends: join(TOP, 'tsconfig.json'), include: ['*.ts'], exclude: [] };
  const path = await house(t, { ...files, 'tsconfig.json': JSON.stringify(config) });
  await symlink(join(TOP, 'node_modules'), join(path, 'node_modules'), 'junction');
  const { status, stdout, stderr } = await run(join(TOP, 'node_modules/typescript/bin/tsc'), '-p', path);
  assert.equal(status, 0, stdout + stderr);
});

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { Child } from './child.ts';
import { folder, run, TYPESCRIPT } from './helpers.ts';

function program(code: string): string[] {
  return ['--input-type=module', '--eval', `import { log, openLog } from './lib/log.ts'; openLog(); ${code}`];
}

test('a standard error whose reader has gone ends nothing', async (t: TestContext) => {
  const child = new Child(t, process.execPath, [...TYPESCRIPT, ...program(`
    log('first');
    await new Promise((resolve) => process.stderr.once('close', resolve).on('error', () => {}) && setInterval(() => log('x'), 1));
    log('later');
    process.exit(7);
  `)]);
  await child.says('stderr', /first/);
  child.process.stderr.destroy();
  assert.equal(await child.ended, 7);
});

test('lines that nobody reads are dropped, counted, and not kept', async (t: TestContext) => {
  const child = new Child(t, process.execPath, [...TYPESCRIPT, ...program(`
    for (let i = 0; i < 100; i++) { log('x'.repeat(100_000)); await new Promise(setImmediate); }
    console.log(process.stderr.writableLength);
    await new Promise((resolve) => process.stderr.once('drain', resolve));
    log('read again');
  `)]);
  child.process.stderr.pause();
  const [waiting] = await child.says('stdout', /\d+\n/);
  assert.ok(Number(waiting) < 2 << 20);
  child.process.stderr.resume();
  assert.equal(await child.ended, 0);
  const [, lost] = /standard error \(nobody reads\): (\d+) lines were dropped/.exec(child.stderr) ?? [];
  assert.equal(child.stderr.match(/^x+$/gm)!.length, 100 - Number(lost));
  assert.match(child.stderr, /read again\n$/);
});

test('a full disk behind standard error: lines come again when there is room, and those that are lost are counted', async (t) => {
  const file = join(await folder(t), 'log'), full = `${file}.full`;
  const code = `
    import { copyFileSync, truncateSync } from 'node:fs';
    for (let i = 0; i < 100; i++) log('x'.repeat(999));
    copyFileSync('${file}', '${full}');
    truncateSync('${file}');
    log('room again');
  `;
  // Blocks of 512 bytes; what measures coverage writes files, too
  const script = `unset NODE_V8_COVERAGE; ulimit -f 129; exec "$@" 2>>${file}`;
  const child = new Child(t, 'sh', ['-c', script, 'sh', process.execPath, ...TYPESCRIPT, ...program(code)]);
  assert.equal(await child.ended, 0, child.stderr);
  const written = (await readFile(full, 'utf8')).split('\n').length - 1;
  assert.ok(written > 60 && written < 100);
  assert.match(await readFile(file, 'utf8'), new RegExp(`^\\nstandard error \\(EFBIG.*\\): ${100 - written} lines were dropped\\nroom again\\n$`));
});

test('report(): a flood of lines about clients is twenty of them and a count, second by second', async () => {
  const { stderr } = await run('--input-type=module', '--eval', `
    import { log, openLog, report } from './lib/log.ts';
    openLog();
    for (let i = 0; i < 9832; i++) report('client ' + i);
    log('never counted away');
    await new Promise((resolve) => setTimeout(resolve, 1100));
    for (let i = 0; i < 21; i++) report('later ' + i);
  `);
  const lines = stderr.trimEnd().split('\n');
  assert.deepEqual(lines.slice(0, 20), Array.from({ length: 20 }, (_, i) => `client ${i}`));
  assert.deepEqual(lines.slice(20, 23), ['never counted away', 'and 9,812 more in the last second', 'later 0']);
  assert.deepEqual(lines.slice(-2), ['later 19', 'and 1 more in the last second']);
});

test('warn(): the same line again says nothing new', async () => {
  const { stderr } = await run('--input-type=module', '--eval', `
    import { warn } from './lib/log.ts';
    for (const line of ['one', 'one', 'two', 'one']) warn(line);
  `);
  assert.equal(stderr, 'one\ntwo\n');
});

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { Child } from '../child.ts';
import { folder, run, TYPESCRIPT } from '../helpers.ts';

/** A program that has var_dump, and tells on standard error at its end what was written to standard output, and how. */
function program(code: string): string[] {
  return ['--input-type=module', '--eval', `
    import { BINARY, PING, TEXT } from './lib/websocket/frame.ts';
    import { Message } from './lib/websocket/message.ts';
    import { openConsole, var_dump } from './lib/php/var_dump.ts';
    openConsole();
    const writes = [], { write } = process.stdout, nextPass = () => new Promise(setImmediate);
    process.stdout.write = function (text, ...more) {
      writes.push(text);
      return write.call(this, text, ...more);
    };
    process.on('exit', () => console.error(JSON.stringify(writes)));
    ${code}
  `];
}

function start(t: TestContext, code: string): Child {
  return new Child(t, process.execPath, [...TYPESCRIPT, ...program(code)]);
}

/** What it prints, and in which writes. */
async function printed(code: string): Promise<{ stdout: string; writes: string[] }> {
  const { status, stdout, stderr } = await run(...program(code));
  assert.equal(status, 0, stderr);
  return { stdout, writes: JSON.parse(stderr) as string[] };
}

test('the lines are as PHP prints them: the article\'s byte for byte, text, bytes, control characters escaped', async () => {
  const { stdout, writes } = await printed(`
    const { print } = await import('./lib/php/var_dump.ts');
    for (const text of ['新链接1已创建', '新连接1握手成功', 'hello', '客户端1主动关闭']) var_dump(text);
    print('another line\\n  in its place\\n');
    for (const text of ['', 'hello', 'a "b"', '😀']) var_dump(new Message(TEXT, Buffer.from(text)));
    var_dump(new Message(BINARY, Buffer.from('0041ff', 'hex')));
    var_dump(new Message(PING, Buffer.from('ö')));
    var_dump('\\u001b[2J\\n\\u202e');
    var_dump(new Message(TEXT, Buffer.from('\\u001b]0;title\\u0007\\r')));
    var_dump(new Message(BINARY, Buffer.from('\\u001b[2J')));
  `);
  assert.deepEqual(stdout.split('\n'), [
    'string(19) "新链接1已创建"', 'string(22) "新连接1握手成功"', 'string(5) "hello"', 'string(22) "客户端1主动关闭"',
    'another line', '  in its place',
    'string(0) ""', 'string(5) "hello"', 'string(5) "a "b""', 'string(4) "😀"',
    'string(3) "\\x00A\\xff"', 'string(2) "\\xc3\\xb6"',
    'string(8) "\\x1b[2J\\n\\u{202e}"', 'string(11) "\\x1b]0;title\\x07\\r"', 'string(4) "\\x1b[2J"', '',
  ]);
  assert.equal(writes.length, 1);
});

test('a quiet one prints what others print, and nothing itself', async () => {
  const { stdout } = await printed(`
    const { print } = await import('./lib/php/var_dump.ts');
    openConsole(true);
    var_dump('line');
    print('trace\\n');
  `);
  assert.equal(stdout, 'trace\n');
});

describe('the writes', { concurrency: true }, () => {
  test('all lines of one pass leave in one write, those of the next in another', async () => {
    const { stdout, writes } = await printed(`
      for (const pass of [1, 2]) {
        for (const text of ['a', 'b', 'c']) var_dump(text + pass);
        if (writes.length >= pass) throw new Error('written in the middle of the pass');
        await nextPass();
        if (writes.length !== pass) throw new Error('not written when the pass was over');
      }
      await nextPass();
    `);
    const [one, two] = [1, 2].map((pass) => ['a', 'b', 'c'].map((text) => `string(2) "${text}${pass}"\n`).join(''));
    assert.deepEqual(writes, [one, two]);
    assert.equal(stdout, `${one}${two}`);
  });

  test('a pass with megabytes of lines writes a part of them at a time', async () => {
    const { writes } = await printed(`
      for (let i = 0; i < 1500; i++) var_dump('x'.repeat(1000));
      if (writes.length !== 1) throw new Error(writes.length + ' writes');
      await nextPass();
      writes.splice(0, 2, 'in two');
    `);
    assert.deepEqual(writes, ['in two']);
  });

  test('the last lines are printed when the program ends in the same pass', async () => {
    const { stdout } = await printed('var_dump("last"); process.exit(0);');
    assert.equal(stdout, 'string(4) "last"\n');
  });
});

describe('a message that is long', () => {
  test('shows its beginning, whole characters only, and its true length', async () => {
    const { stdout } = await run(...program(`
      var_dump(new Message(TEXT, Buffer.from('a' + '你'.repeat(30000))));
      var_dump(new Message(BINARY, Buffer.alloc(65536, 'b')));
      var_dump(new Message(BINARY, Buffer.alloc(65537, 'c')));
    `));
    assert.equal(stdout, `string(90001) "a${'你'.repeat(21845)}"...\n` +
      `string(65536) "${'b'.repeat(65536)}"\nstring(65537) "${'c'.repeat(65536)}"...\n`);
  });
  test('many of them in one pass show no more than 256 KiB, hide no short one, and the next pass shows again', async () => {
    const { stdout } = await run(...program(`
      for (let i = 0; i < 6; i++) var_dump(new Message(BINARY, Buffer.alloc(65536, 'b')));
      var_dump(new Message(TEXT, Buffer.from('short')));
      await nextPass();
      var_dump(new Message(BINARY, Buffer.from('again')));
    `));
    const lines = stdout.trimEnd().split('\n');
    const lengths = [...Array.from({ length: 4 }, () => 65536 + 16), 256 + 19, 256 + 19, 17, 17];
    assert.deepEqual(lines.map((line) => line.length), lengths);
  });
  test('lines that nobody reads are dropped, counted, and not kept', async (t) => {
    const child = start(t, `
      for (let i = 0; i < 200; i++) { var_dump('x'.repeat(100_000)); await nextPass(); }
      process.stderr.write('waiting: ' + process.stdout.writableLength + '\\n');
      await new Promise((resolve) => process.stdout.once('drain', resolve));
      var_dump('read again');
    `);
    child.process.stdout.pause();
    const [, waiting] = await child.says('stderr', /waiting: (\d+)/);
    assert.ok(Number(waiting) < 8 << 20);
    child.process.stdout.resume();
    assert.equal(await child.ended, 0);
    assert.match(child.stderr, /^standard output \(nobody reads\): lines are dropped\n/);
    const [, lost] = /\(nobody reads\): (\d+) lines were dropped/.exec(child.stderr) ?? [];
    assert.equal(child.stdout.trimEnd().split('\n').length, 200 - Number(lost) + 1);
    assert.match(child.stdout, /"read again"\n$/);
  });
});

describe('a standard output that fails ends nothing', { concurrency: true }, () => {
  function startInShell(t: TestContext, script: string, code: string): Child {
    return new Child(t, 'sh', ['-c', script, 'sh', process.execPath, ...TYPESCRIPT, ...program(code)]);
  }

  test('its reader has gone (| head): nothing more is printed', async (t) => {
    const child = start(t, `
      const writing = setInterval(() => var_dump('in vain'), 1);
      await new Promise((resolve) => process.stdout.once('close', resolve));
      clearInterval(writing);
      var_dump('kept to itself');
      await nextPass();
      var_dump('at the end, too');
    `);
    await child.says('stdout', /in vain/);
    child.process.stdout.destroy();
    assert.equal(await child.ended, 0, child.stderr);
    assert.deepEqual([...new Set(JSON.parse(child.stderr) as string[])], ['string(7) "in vain"\n']);
  });
  test('its disk is full: lines come again when there is room, and those that are lost are counted', async (t) => {
    const file = join(await folder(t), 'console'), full = `${file}.full`;
    // Blocks of 512 bytes
    const child = startInShell(t, `unset NODE_V8_COVERAGE; ulimit -f 80; exec "$@" >>${file}`, `
      const { copyFileSync, truncateSync } = await import('node:fs');
      for (let i = 0; i < 200; i++) { var_dump('你'.repeat(100)); if (i % 7 === 0) await nextPass(); }
      await nextPass();
      copyFileSync('${file}', '${full}');
      truncateSync('${file}');
      var_dump('room again');
    `);
    assert.equal(await child.ended, 0, child.stderr);
    const written = (await readFile(full, 'utf8')).split('\n').length - 1;
    assert.ok(written > 100 && written < 200);
    // What the disk has cut is ended
    assert.equal(await readFile(file, 'utf8'), '\nstring(10) "room again"\n');
    const [, , lost] = /^(standard output \(EFBIG: .*\)): lines are dropped\n\1: (\d+) lines were dropped\n/.exec(child.stderr) ?? [];
    assert.equal(lost, String(200 - written), child.stderr);
  });
  test('its disk is full to the end: that is told then', { skip: !existsSync('/dev/full') && 'there is no /dev/full' }, async (t) => {
    const child = startInShell(t, 'exec "$@" >/dev/full', "var_dump('in vain'); await nextPass(); var_dump('again');");
    assert.equal(await child.ended, 0, child.stderr);
    assert.match(child.stderr, /^standard output \(ENOSPC: .*\): lines are dropped\n.*\(ENOSPC: .*\): 2 lines were dropped\n/);
  });
});

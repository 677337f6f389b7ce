import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, test, type TestContext } from 'node:test';
import { Page, stepsOf, wholePage } from '../../lib/trace/page.ts';
import { VIOLATIONS } from '../../lib/trace/violations.ts';
import { FrameInbox } from '../../lib/websocket/codec.ts';
import { getRequest } from '../../lib/websocket/handshake.ts';
import { accept, listening } from '../accepted.ts';
import { Program } from '../program.ts';
import { request, Wire } from '../wire.ts';

const html = Buffer.from(wholePage());

/** The policy's sources for each kind of thing. */
function policyOf(head: string): Record<string, string> {
  const [, text = ''] = /^Content-Security-Policy: (.*)\r$/m.exec(head) ?? [];
  return Object.fromEntries(text.split('; ').map((one) => [one.split(' ')[0]!, one.slice(one.indexOf(' ') + 1)]));
}

/** What makes an address bar's request of a WebSocket's. */
const address = { 'Upgrade': null, 'Connection': 'keep-alive', 'Sec-WebSocket-Key': null, 'Sec-WebSocket-Version': null };

// What is no request for it: tests/websocket/handshake.test.ts
test('the page is what GET / gets that asks for no WebSocket, HEAD its head, OPTIONS the methods; the connection ends', async (t) => {
  const program = await Program.start(t);
  for (const line of ['GET / HTTP/1.1', 'GET /?lang=zh HTTP/1.1', 'GET / HTTP/1.0', 'HEAD / HTTP/1.1']) {
    const wire = await Wire.connect(program.where);
    wire.send(request(address, line));
    const head = await wire.head();
    assert.match(head, /^HTTP\/1\.1 200 OK\r\nConnection: close\r\nContent-Type: text\/html; charset=utf-8\r\n/);
    assert.match(head, /\r\nX-Content-Type-Options: nosniff\r\n/);
    assert.ok(head.includes(`\r\nContent-Length: ${html.length}\r\n`));
    assert.deepEqual(await wire.rest(), line.startsWith('HEAD') ? Buffer.alloc(0) : html);
    wire.end();
  }
  await program.printed('client 1 (127.0.0.1', 'stderr');
  await program.printed(') has got the page\n', 'stderr');
  const options = await Wire.connect(program.where);
  options.send('OPTIONS / HTTP/1.0\r\n\r\n');
  assert.equal(await options.head(), 'HTTP/1.1 204 No Content\r\nConnection: close\r\nAllow: GET, HEAD, OPTIONS\r\n\r\n');
  assert.equal((await options.rest()).length, 0);
  options.end();
  await program.printed(') has asked for the methods\n', 'stderr');
});

test('a visit to another address writes one line: the browser that asks for an icon gets none, in silence', async (t) => {
  const program = await Program.start(t);
  for (const [line, status] of [['GET /favicon.ico HTTP/1.1', '204 No Content'], ['GET /chat HTTP/1.1', '426 Upgrade Required']] as const) {
    const wire = await Wire.connect(program.where);
    wire.send(request(address, line));
    assert.match(await wire.head(), new RegExp(`^HTTP/1\\.1 ${status}\r\n`));
    wire.end();
    await wire.rest();
  }
  await program.printed('client 2 ', 'stderr');
  assert.ok(!program.stderr.includes('client 1 '), program.stderr);
});

describe('its policy', () => {
  /** The head that a browser gets which has written this Host. */
  const headFor = async (t: TestContext, Host: string): Promise<string> => {
    const { socket } = await accept(t, await listening(t)), inbox = new FrameInbox();
    let head = '';
    const page = new Page((_socket, step, { bytes, line }) => {
      assert.deepEqual([step, line, bytes[1]], [6, 'has got the page', html]);
      head = String(bytes[0]);
    });
    inbox.push(Buffer.from(request({ ...address, Host }), 'latin1'));
    assert.equal(page.answers(socket, inbox, getRequest(inbox)!), true);
    return head;
  };

  test('nothing is loaded, run or sent but by its own scripts and styles, to this server', async (t) => {
    const policy = policyOf(await headFor(t, '127.0.0.1:8081'));
    const hashes = (element: string): string => Array.from(html.toString().matchAll(
      new RegExp(`<${element}>([^]*?)</${element}>`, 'g')), ([, text]) => `'sha256-${hash('sha256', text!, 'base64')}'`).join(' ') || "'none'";
    assert.deepEqual(policy, {
      'default-src': "'none'", 'script-src': hashes('script'), 'style-src': hashes('style'), 'img-src': 'data:',
      'connect-src': "'self' ws://127.0.0.1:8081 wss://127.0.0.1:8081",
      'base-uri': "'none'", 'form-action': "'none'", 'frame-ancestors': "'none'",
    });
  });
  test('a Host cannot add to it', async (t) => {
    for (const host of ['a;script-src', 'a,b', 'a*', 'ä']) {
      assert.equal(policyOf(await headFor(t, host))['connect-src'], "'self'");
    }
    assert.match(policyOf(await headFor(t, '[::1]:8081'))['connect-src']!, / ws:\/\/\[::1\]:8081 /);
  });
});

describe('its words', () => {
  const script = /<script>([^]*?)<\/script>/.exec(html.toString())![1]!;
  test('every sentence is there in both languages', () => {
    const pairs = [...script.matchAll(/^ *(?:says: )?\[?'?[\w -]*'?:? ?\['((?:[^'\\]|\\.)*)',\s+'((?:[^'\\]|\\.)*)'\]/gm)];
    assert.ok(pairs.length > 150, `${pairs.length} pairs`);
    for (const [, en, zh] of pairs) {
      assert.doesNotMatch(en!, /\p{Script=Han}/u);
      if (/[a-z]{4}/.test(en!)) assert.match(zh!, /\p{Script=Han}/u, en);
    }
  });
  test('the functions that are said to read and write the bytes are there', () => {
    const [, frame, handshake] = /FRAME = '(.*?)', HANDSHAKE = '(.*?)'/.exec(script)!;
    const named = [...script.replaceAll('${FRAME}', frame!).replaceAll('${HANDSHAKE}', handshake!).matchAll(/(\w+)\(\) in (lib\/\S+\.ts)/g)];
    assert.ok(named.length > 10);
    for (const [where, name, file] of named) {
      const code = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
      assert.match(code, new RegExp(`^(?:  (?:private )?|(?:export )?function )${name}\\(`, 'm'), where);
    }
  });
  test('it has a rule of the RFC for every frame that the server refuses', () => {
    const code = ['codec', 'close', 'deflate'].map((name) => readFileSync(new URL(`../../lib/websocket/${name}.ts`, import.meta.url), 'utf8'));
    // What is thrown: broken('why'), bad(`why`), new ProtocolError(CODE, 'why')
    const reasons = [...code.join('').matchAll(/(?:broken\(|ProtocolError\(\w+, )(?:'([^']*)'|`([^`]*)`)/g)].map(([, plain, filled]) => plain ?? filled!);
    const rules = [...script.matchAll(/\{ reason: '([^']*)'/g)].map(([, reason]) => reason!);
    assert.ok(reasons.length > 12 && rules.length > 12, `${reasons.length} reasons, ${rules.length} rules`);
    const isAt = (reason: string, rule: string): boolean => reason.replace('${MAX_CONTROL}', '125').includes(rule);
    for (const reason of reasons.filter((one) => one !== 'Cannot read frame: ${what}')) {
      assert.ok(rules.some((rule) => isAt(reason, rule)), `no rule for '${reason}'`);
    }
    for (const rule of rules) assert.ok(reasons.some((reason) => isAt(reason, rule)), `nobody says '${rule}'`);
  });
  test('it says in Chinese why a command is refused', () => {
    const watch = readFileSync(new URL('../../lib/trace/watch.ts', import.meta.url), 'utf8');
    const refusals = [...watch.slice(watch.indexOf('function obey')).matchAll(/return '(.*?)'/g)].map(([, words]) => words!);
    assert.ok(refusals.length > 4);
    for (const words of refusals) assert.ok(script.includes(`  '${words}': [`), words);
  });
  test('it knows every step of the loop, and every rule that it may break', () => {
    const keysOf = (table: string): string[] => {
      const [, body] = new RegExp(`^const ${table} = \\{\n([^]*?)^\\};`, 'm').exec(script)!;
      return [...body!.matchAll(/^  '?([\w-]+)'?:/gm)].map(([, key]) => key!);
    };
    const server = readFileSync(new URL('../../server.ts', import.meta.url), 'utf8');
    assert.deepEqual(keysOf('STEPS'), stepsOf(server).map(({ step }) => String(step)));
    assert.deepEqual(keysOf('VIOLATIONS'), Object.keys(VIOLATIONS));
  });
});

test('stepsOf() finds every step of the list in the loop of server.ts', () => {
  const steps = stepsOf(readFileSync(new URL('../../server.ts', import.meta.url), 'utf8'));
  assert.ok(steps.length > 9);
  assert.deepEqual(steps.map(({ step }) => step), steps.map((_, i) => i + 1));
  for (const { step, code } of steps) assert.ok(code.length > 1, `step ${step} has lines`);
  assert.ok(steps[2]!.code.some((line) => line.includes('socket_accept(')));
  assert.ok(!steps[2]!.code.some((line) => line.includes('socket_read(')));
});

test('stepsOf() joins a step that stands in two places, ends where the loop does, and misses what has no lines', () => {
  const text = [' *   1  first', ' *   7  never', ' *  12  later', ' */', 'x', '// 12  why', 'a', '// 1', 'b', '// 12', 'c', '}', 'd'];
  assert.deepEqual(stepsOf(text.join('\n')), [
    { step: 1, says: 'first', code: ['// 1', 'b'] },
    { step: 7, says: 'never', code: [] },
    { step: 12, says: 'later', code: ['// 12  why', 'a', '// 12', 'c'] },
  ]);
});

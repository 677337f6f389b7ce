import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { getHead, type Head, HttpError, listOf, MAX_HEAD } from '../../lib/websocket/http.ts';
import { Inbox } from '../../lib/websocket/inbox.ts';

function inboxOf(text: string): Inbox {
  const inbox = new Inbox();
  inbox.push(Buffer.from(text, 'latin1'));
  return inbox;
}

function assertRefused(text: string, status: number, words: RegExp): void {
  assert.throws(() => getHead(inboxOf(text)), (error) => {
    assert.ok(error instanceof HttpError, String(error));
    assert.equal(error.status, status);
    assert.match(error.message, words);
    return true;
  });
}

describe('RFC 9112: a request that is well formed', () => {
  test('getHead() reads the line and the fields, and leaves what follows', () => {
    const inbox = inboxOf('GET /chat?a=b HTTP/1.1\r\nHost: example.com\r\nX-Empty:\r\nx-tabs:\t a \t\r\n\r\nrest');
    const head = getHead(inbox)!;
    assert.deepEqual([head.method, head.target, head.version], ['GET', '/chat?a=b', '1.1']);
    assert.deepEqual([...head.fields], [['host', ['example.com']], ['x-empty', ['']], ['x-tabs', ['a']]]);
    assert.equal(inbox.take(inbox.length).toString(), 'rest');
  });
  test('getHead() returns null and takes nothing at every cut, and byte by byte', () => {
    const text = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
    for (let cut = 0; cut < text.length; cut++) {
      const inbox = inboxOf(text.slice(0, cut));
      assert.equal(getHead(inbox), null, `cut at ${cut}`);
      assert.equal(inbox.length, cut);
      inbox.push(Buffer.from(text.slice(cut)));
      assert.deepEqual(getHead(inbox)?.fields.get('host'), ['a'], `cut at ${cut}`);
    }
    const inbox = new Inbox();
    const heads = Array.from(text, (byte) => { inbox.push(Buffer.from(byte)); return getHead(inbox); });
    assert.deepEqual(heads.slice(0, -1).filter((head) => head !== null), []);
    assert.equal(heads.at(-1)?.method, 'GET');
  });
  test('fields of one name are kept apart, and listOf() reads them as one list', () => {
    const head = getHead(inboxOf('GET / HTTP/1.1\r\nUpgrade: a ,b,,\r\nUPGRADE:\tc\r\n\r\n'))!;
    assert.deepEqual(head.fields.get('upgrade'), ['a ,b,,', 'c']);
    assert.deepEqual(listOf(head, 'upgrade'), ['a', 'b', 'c']);
    assert.deepEqual(listOf(head, 'connection'), []);
  });
  test('constructor and __proto__ are names like any other', () => {
    const head = getHead(inboxOf('GET / HTTP/1.1\r\n__proto__: a\r\nconstructor: b\r\n\r\n'))!;
    assert.deepEqual([...head.fields], [['__proto__', ['a']], ['constructor', ['b']]]);
    assert.deepEqual(listOf(head, 'toString'), []);
  });
});

describe('RFC 9112: a request that is not', () => {
  // More of them: tests/conformance/http.ts
  test('a line or a field of another form is refused', () => {
    for (const line of ['GET  / HTTP/1.1', 'GET /', 'GET / http/1.1', 'G@T / HTTP/1.1', 'GET /\x00 HTTP/1.1']) {
      assertRefused(`${line}\r\nHost: a\r\n\r\n`, 400, /^Cannot read/);
    }
    for (const field of ['Host', 'Host : a', ': a', 'X: a\r\n folded', 'X: a\x00', 'X: a\rb', 'Hö: a']) {
      assertRefused(`GET / HTTP/1.1\r\n${field}\r\n\r\n`, 400, /^Cannot read header/);
    }
    // A lone CR at the start is no empty line
    for (const start of ['\r', '\r\n\r']) assertRefused(`${start}GET / HTTP/1.1\r\n\r\n`, 400, /METHOD TARGET/);
  });
  test('a bare LF is refused as soon as it comes', () => {
    assertRefused('GET / HTTP/1.1\n', 400, /LF without CR/);
    assertRefused('GET / HTTP/1.1\r\nHost: a\n', 400, /LF without CR/);
    assertRefused('G\n', 400, /LF without CR/);
  });
  test('what begins like TLS is told so at its first byte', () => {
    assertRefused('\x16\x03\x01', 400, /0x16.*wss/);
  });
  test('the PROXY protocol is called by its name', () => {
    for (const text of ['PROXY TCP4 192.0.2.1 192.0.2.2 56324 443\r\nGET / HTTP/1.1\r\n\r\n', 'PROXY UNKNOWN\r\n\r\n', '\r\n\r\n\0\r\nQUIT\n!']) {
      assertRefused(text, 400, /^Cannot read request: a proxy has put the PROXY protocol before it, which this server does not speak\.$/);
    }
    assert.equal(getHead(inboxOf('PROXY / HTTP/1.1\r\n\r\n'))?.method, 'PROXY');
    assertRefused('\0', 400, /0x00/);
  });
  test('a client\'s words are UTF-8 where they can be, else bytes', () => {
    for (const [words, shown] of [[Buffer.from('北京').toString('latin1'), '北京'], ['\xe9', '\\xe9']] as const) {
      assert.throws(() => getHead(inboxOf(`GET / HTTP/1.1\r\nX ${words}\r\n\r\n`)), { message: `Cannot read header: 'X ${shown}' is not NAME: VALUE.` });
    }
  });
  test('a client\'s words in an error are short and printable', () => {
    assert.throws(() => getHead(inboxOf(`GET / HTTP/1.1\r\n\x1b[31m${'x'.repeat(1000)}\r\n\r\n`)), (error: Error) => {
      assert.ok(error.message.length < 150);
      assert.match(error.message, /\\x1b\[31mxxx/);
      return true;
    });
  });
});

describe('the limit of 16 KiB', () => {
  const start = 'GET / HTTP/1.1\r\nX: ', end = '\r\n\r\n';
  test('a head of exactly so many bytes is taken, one more gets 431, whole or not', () => {
    const most = start + 'x'.repeat(MAX_HEAD - start.length - end.length);
    assert.equal(getHead(inboxOf(most + end))?.method, 'GET');
    assertRefused(`${most}x${end}`, 431, /16384/);
    assertRefused(`${most}xxxx`, 431, /16384/);
  });
  test('empty lines before it count', () => {
    assert.equal(getHead(inboxOf(`${'\r\n'.repeat(8000)}GET / HTTP/1.1\r\n\r\n`))?.method, 'GET');
    assertRefused('\r\n'.repeat(MAX_HEAD / 2), 431, /16384/);
  });
  test('in one-byte reads a byte is looked at a few times, and it ends where it would in one read', () => {
    for (const text of ['\r\n'.repeat(MAX_HEAD), start + 'a:b\r\n'.repeat(MAX_HEAD)]) {
      const inbox = new Inbox(), at = inbox.at.bind(inbox);
      let looks = 0;
      inbox.at = (index) => { looks++; return at(index); };
      assert.throws(() => {
        for (let i = 0; i <= MAX_HEAD; i++) {
          inbox.push(Buffer.from(text[i]!));
          assert.equal(getHead(inbox), null);
        }
      }, { status: 431 });
      assert.ok(looks < 12 * MAX_HEAD, `${looks} looks`);
    }
  });
  test('half a head does not keep a whole read in memory', () => {
    const inbox = new Inbox();
    const read = Buffer.allocUnsafeSlow(65536);
    inbox.push(read.subarray(0, read.write('GET / HT')));
    assert.equal(getHead(inbox), null);
    assert.equal(inbox.take(0).buffer.byteLength, 8);
  });
  test('frames glued to the request do not count', () => {
    assert.equal(getHead(inboxOf(start + end + 'x'.repeat(2 * MAX_HEAD)))?.method, 'GET');
  });
});

describe('linear time: in quadratic time a test would not end', () => {
  test('CVE-2021-32640: a mebibyte of one thing in a list', () => {
    for (const unit of [' ', '\t', ',', ' ,', 'a, ', 'a ']) {
      const fields = new Map([['x', [`a${unit.repeat((1 << 20) / unit.length)}b`]]]);
      assert.equal(listOf({ fields } as Head, 'x')[0]![0], 'a');
    }
  });
  test('a thousand heads, each as long as may be', () => {
    for (const [line, unit] of [
      ['X: a', ' '], ['X: ', ' '], ['X: a', '\t '], ['X', 'x'], ['GET ', ' '], ['GET /', '/'],
    ]) {
      const long = `${line}${unit!.repeat(16_000 / unit!.length)}`;
      const text = long.startsWith('GET') ? `${long} HTTP/1.1\r\n\r\n` : `GET / HTTP/1.1\r\n${long}b:c\r\n\r\n`;
      for (let i = 0; i < 1000; i++) {
        const inbox = inboxOf(text);
        if (line === 'GET ') assert.throws(() => getHead(inbox), { status: 400 });
        else assert.equal(getHead(inbox)?.method, 'GET');
      }
    }
  });
});

test('an HttpError knows its bytes, a whole response with CRLF and its length in bytes, and its line in the log', () => {
  const error = new HttpError(431, 'Zu \x1b groß.', { Connection: 'x' });
  assert.equal(error.line, 'refused with 431: Zu \\x1b groß.');
  assert.equal(Buffer.concat(error.bytes).toString(),
    'HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: x\r\nContent-Type: text/plain; charset=utf-8\r\n' +
    'X-Content-Type-Options: nosniff\r\nContent-Length: 12\r\n\r\nZu \x1b groß.\n');
  error.hasBody = false;
  assert.equal(Buffer.concat(error.bytes).toString().split('\r\n\r\n')[1], '');
});

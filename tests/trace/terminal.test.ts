/** What --trace prints, byte for byte. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Decoder } from '../../lib/trace/decoder.ts';
import type { ClientEvent } from '../../lib/trace/tap.ts';
import { describe as words } from '../../lib/trace/terminal.ts';
import type { WireEvent } from '../../lib/trace/events.ts';
import { columnsOf } from '../columns.ts';
import { FULL, hex, randomOf } from '../helpers.ts';
import { Program } from '../program.ts';
import { deflated } from '../raw_deflate.ts';
import { closing, frame, REQUEST, Wire } from '../wire.ts';
import { connection, DEFLATE, opened, RESPONSE } from './connection.ts';

/** What the terminal may get of strangers. */
const SAFE = /^[^\p{Cc}\p{Bidi_Control}\u2028\u2029]*$/u;

/** The lines of these events of client 1. */
function linesOf(events: WireEvent[], width = 80): string[] {
  const text = events.map((event) => words({ ...event, client: 1, at: 0 }, { width, colors: false })).join('');
  assert.ok(text.endsWith('\n'));
  return text.slice(0, -1).split('\n');
}

/** A title of so many columns. */
function title(left: string, right: string, width = 80): string {
  return left + right.padStart(width - columnsOf(left));
}

describe('a frame', () => {
  test('RFC 6455 5.7: "Hello" of a client, of the server; one that is compressed; a long one is cut', () => {
    const rows: [events: WireEvent[], ...lines: string[]][] = [
      [connection().client.push(hex('8185 37fa213d 7f9f4d5158')),
        title('client 1 → server  text, 11 bytes', 'step 7  RFC 6455 5.6'),
        '  81 85 37 fa 21 3d 7f 9f 4d 51 58',
        '  FIN=1 RSV=000 opcode=0x1 text  MASK=1 length=5  key=37 fa 21 3d  "Hello"',
        '  masked 7f 9f 4d 51 58   unmasked 48 65 6c 6c 6f',
      ],
      [connection().server.push(hex('8105 48656c6c6f')),
        title('server → client 1  text, 7 bytes', 'step 7  RFC 6455 5.6'),
        '  81 05 48 65 6c 6c 6f',
        '  FIN=1 RSV=000 opcode=0x1 text  MASK=0 length=5  "Hello"',
      ],
      [connection(DEFLATE).client.push(frame(1, deflated('Hello Hello Hello'), { rsv: 0x40 })),
        title('client 1 → server  text, 17 bytes', 'step 7  RFC 7692 6'),
        '  c1 8b 37 fa 21 3d c5 b2 ec f4 fe ad d1 7d a7 fa 21',
        '  FIN=1 RSV=100 compressed opcode=0x1 text  MASK=1 length=11  key=37 fa 21 3d',
        '  masked c5 b2 ec f4 fe ad d1 7d   unmasked f2 48 cd c9 c9 57 f0 40',
        '         a7 fa 21                           90 00 00',
        '  inflated 48 65 6c 6c 6f 20 48 65 6c 6c 6f 20 48 65 6c 6c 6f',
        '  "Hello Hello Hello"',
      ],
      [connection().client.push(frame(1, '你好'.repeat(350))),
        title('client 1 → server  text, 2,108 bytes', 'step 7  RFC 6455 5.6'),
        '  81 fe 08 34 37 fa 21 3d d3 47 81 d8 92 47 c5 80 97 1f 84 80 d3 47 81 d8 92 …',
        '  FIN=1 RSV=000 opcode=0x1 text  MASK=1 length=126  extended length=2,100',
        '  key=37 fa 21 3d',
        '  "你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好你"… 2,100 bytes',
        '  masked d3 47 81 d8 92 47 c5 80   unmasked e4 bd a0 e5 a5 bd e4 bd',
        '         97 1f 84 80 d3 47 81 d8            a0 e5 a5 bd e4 bd a0 e5',
        '         92 47 c5 80 97 1f 84 80            a5 bd e4 bd a0 e5 a5 bd',
        '         d3 47 81 d8 92 47 c5 80            e4 bd a0 e5 a5 bd e4 bd',
        '  … 2,068 more bytes',
      ],
    ];
    for (const [events, ...lines] of rows) assert.deepEqual(linesOf(events), lines);
  });
  test('in fragments, which are counted, with a Ping between', () => {
    const lines = linesOf(connection().client.push(Buffer.concat([
      frame(1, 'Hel', { fin: false }), frame(9, ''), frame(0, 'l', { fin: false }), frame(0, 'o'),
    ])));
    assert.deepEqual(lines.filter((line) => line.startsWith('client')), [
      title('client 1 → server  text, fragment 1, 9 bytes', 'step 7  RFC 6455 5.4'),
      title('client 1 → server  ping, 6 bytes', 'step 7  RFC 6455 5.5.2'),
      title('client 1 → server  text, fragment 2, 7 bytes', 'step 7  RFC 6455 5.4'),
      title('client 1 → server  text, fragment 3, the last, 7 bytes', 'step 7  RFC 6455 5.4'),
    ]);
    assert.equal(lines[2], '  FIN=0 RSV=000 opcode=0x1 text  MASK=1 length=3  key=37 fa 21 3d  "Hel"');
    assert.equal(lines.at(-2), '  FIN=1 RSV=000 opcode=0x0 continuation  MASK=1 length=1  key=37 fa 21 3d  "o"');
  });
  test('a Close, with the name of its code and where that is defined', () => {
    const { client, server } = connection();
    assert.deepEqual(linesOf(client.push(frame(8, closing(1000, 'bye')))), [
      title('client 1 → server  close, 11 bytes', 'step 7  RFC 6455 5.5.1'),
      '  88 85 37 fa 21 3d 34 12 43 44 52',
      '  FIN=1 RSV=000 opcode=0x8 close  MASK=1 length=5  key=37 fa 21 3d',
      '  code=1000 normal closure (7.4.1)  "bye"',
      '  masked 34 12 43 44 52   unmasked 03 e8 62 79 65',
    ]);
    assert.equal(linesOf(server.push(frame(8, closing(1000), { masked: false }))).at(-1), '  code=1000 normal closure (7.4.1)');
    assert.equal(linesOf(server.push(frame(8, closing(1000), { masked: false })), 100).at(-1),
      '  FIN=1 RSV=000 opcode=0x8 close  MASK=0 length=2  code=1000 normal closure (7.4.1)');
    assert.equal(linesOf(server.push(frame(8, '', { masked: false }))).at(-1), '  FIN=1 RSV=000 opcode=0x8 close  MASK=0 length=0');
  });
  test('one that breaks the rules, one that never came whole, and what came from the page', () => {
    const { client, server, link } = connection();
    assert.equal(linesOf(client.push(hex('b301 78'), true))[0], title('client 1 → server  reserved, 3 bytes, injected by the page', 'step 7  RFC 6455 5.2'));
    client.push(hex('82ff 3fffffffffffffff 37fa213d'));
    link.step = 9;
    const lines = linesOf(server.push(frame(8, closing(1009), { masked: false })));
    assert.equal(lines[0], title('client 1 → server  binary, the first 14 bytes', 'step 7  RFC 6455 5.6'));
    assert.ok(lines.includes('  extended length=4,611,686,018,427,387,903  key=37 fa 21 3d'));
  });
});

describe('a head', () => {
  test('line by line, as it is on the wire, with the section that it belongs to', () => {
    const { client, server } = opened();
    assert.deepEqual(linesOf(client.push(Buffer.from(REQUEST))), [
      title('client 1 → server  request, 148 bytes', 'step 6  RFC 6455 4.2.1'),
      title('  GET / HTTP/1.1\\r\\n', '4.2.1'),
      title('  Host: 127.0.0.1\\r\\n', '4.2.1'),
      title('  Upgrade: websocket\\r\\n', '4.2.1'),
      title('  Connection: Upgrade\\r\\n', '4.2.1'),
      title('  Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\\r\\n', '4.2.1'),
      title('  Sec-WebSocket-Version: 13\\r\\n', '4.2.1'),
      '  \\r\\n',
    ]);
    assert.deepEqual(linesOf(server.push(Buffer.from(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n',
    ))), [
      title('server → client 1  response, 108 bytes', 'step 6  RFC 6455 4.2.2'),
      title('  HTTP/1.1 101 Switching Protocols\\r\\n', '4.2.2'),
      title('  Upgrade: websocket\\r\\n', '4.2.2'),
      title('  Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\\r\\n', '4.2.2'),
      '  \\r\\n',
    ]);
  });
  test('a refusal has its sentence, what is no HTTP its bytes', () => {
    const { client, server, link } = opened();
    client.push(hex('16 03 01'));
    link.step = 9;
    assert.deepEqual(linesOf(server.push(Buffer.from('HTTP/1.1 400 Bad Request\r\nContent-Length: 15\r\n\r\nCannot \x1b[2J it\n'))), [
      title('client 1 → server  incomplete request, 3 bytes', 'step 6  RFC 9112 2'),
      '  16 03 01',
      '  "\\x16\\x03\\x01"',
      title('server → client 1  response, 63 bytes', 'step 9  RFC 6455 4.2.2'),
      title('  HTTP/1.1 400 Bad Request\\r\\n', '4.2.2'),
      title('  Content-Length: 15\\r\\n', 'RFC 9110 5'),
      '  \\r\\n',
      '  "Cannot \\x1b[2J it\\n"',
    ]);
  });
  test('bytes that are UTF-8 are shown as such, any other byte escaped', () => {
    const bytes = Buffer.concat([Buffer.from('GET / HTTP/1.1\r\ncf-city: 北京, Orléans\r\nX: à\u202e'), hex('e9 e58c 0d0a 0d0a')]);
    const lines = linesOf(new Decoder('client').push(bytes));
    assert.deepEqual(lines.slice(2, 4), [
      title('  cf-city: 北京, Orléans\\r\\n', 'RFC 9110 5'), title('  X: à\\u{202e}\\xe9\\xe5\\x8c\\r\\n', 'RFC 9110 5'),
    ]);
  });
  test('of a line no more is looked at than is shown, whatever its bytes are', (t) => {
    const { exec } = RegExp.prototype;
    let looks = 0;
    t.mock.method(RegExp.prototype, 'exec', function (this: RegExp, text: string) {
      looks++;
      return exec.call(this, text);
    });
    const looksAt = (one: Buffer | string): number => {
      const head = Buffer.concat([Buffer.from('GET / HTTP/1.1\r\nX: '), Buffer.alloc(15_000, one), Buffer.from('\r\n\r\n')]);
      looks = 0;
      for (const event of new Decoder('client').push(head)) words({ ...event, client: 1, at: 0 }, { width: 80, colors: false });
      return looks;
    };
    assert.ok(looksAt('x') > 0);
    for (const one of [hex('e9'), hex('c3a9 80'), hex('c080'), 'é', '北', 'ก', 'e\u0301', '👍🏽', '👩\u200d', '🇩']) {
      const count = looksAt(one);
      assert.ok(count < 2000, `${count} looks at ${String(one)}`);
    }
  });
  test('a long line is cut and its length said, and of very many lines the first 40 are shown', () => {
    const head = `GET / HTTP/1.1\r\n${'a: b\r\n'.repeat(50)}X: ${'x'.repeat(100)}\r\n\r\n`;
    const lines = linesOf(new Decoder('client').push(Buffer.from(head)));
    assert.deepEqual([lines.length, lines.at(-2)], [43, '  … 12 more lines']);
    const more = linesOf(new Decoder('client').push(Buffer.from(head.replace('a: b', `${'a:\r\n'.repeat(1000)}a: b`))));
    assert.equal(more.at(-2), '  … 1,012 more lines');
    const [, , long] = linesOf(new Decoder('client').push(Buffer.from(`GET / HTTP/1.1\r\nX: ${'x'.repeat(100)}\r\n\r\n`)));
    assert.equal(long, title(`  X: ${'x'.repeat(52)}… 105 bytes`, 'RFC 9110 5'));
  });
});

test('the end of either side, and events that were too many', () => {
  const { client, server, link } = connection();
  link.lost = 1234;
  link.step = 9;
  assert.deepEqual(linesOf([...client.end(), ...server.end()]), [
    '… 1,234 before this were too many to show',
    title('client 1 → server  ends its side', 'step 5  RFC 6455 7.1.1'),
    title('server → client 1  closes', 'step 9  RFC 6455 7.1.1'),
  ]);
});

test('with colours a client\'s title is cyan, the server\'s green, what stands at the right dim; no text changes', () => {
  const { client, server } = connection();
  for (const [decoder, color] of [[client, 36], [server, 32]] as const) {
    const [event] = decoder.push(frame(1, '\x1b[31mred'));
    const [colored, plain] = [true, false].map((colors) => words({ ...event!, client: 1, at: 0 }, { width: 80, colors }));
    assert.match(colored!, new RegExp(`^\x1b\\[${color}m(?:client|server) [^\x1b]+\x1b\\[0m +\x1b\\[2mstep 7 [^\x1b]+\x1b\\[0m\n`));
    assert.equal(colored!.replace(/\x1b\[\d+m/g, ''), plain);
  }
});

test('whatever a client sends, no control character is shown and no line is wider than the terminal', (t) => {
  const random = randomOf(t);
  const pieces = ['\x1b[2J', '\u202e', '\u2028', '\r\n', 'a', '你好', '😀', '\x00', '\x9b', 'e\u0301', '"', '\\', ' ', 'Hello, '];
  const text = (): string => Array.from({ length: random(30) }, () => pieces[random(pieces.length)]!).join('');
  for (let round = 0; round < (FULL ? 1000 : 100); round++) {
    const { client, server } = opened();
    const width = 52 + random(150), events: WireEvent[] = [];
    if (random(4) > 0) {
      const value = text().replaceAll('\r\n', '');
      events.push(...client.push(Buffer.from(REQUEST.replace('Host: ', `X-Text: ${value}\r\n${value}: x\r\nHost: `))));
      const bad = 'HTTP/1.1 400 \x1b\r\nContent-Length: 5\r\n\r\n\x1b\x00\x9b\n\r';
      events.push(...server.push(Buffer.from([RESPONSE, RESPONSE, DEFLATE, bad][random(4)]!)));
    }
    for (let i = 0; i < 5; i++) {
      const bytes = random(3) === 0 ? Buffer.from(Array.from({ length: random(600) }, () => random(256)))
        : frame(random(16), random(2) > 0 ? text() : closing(random(65536), text()), { fin: random(3) > 0, rsv: random(8) << 4, masked: random(4) > 0 });
      events.push(...(random(2) > 0 ? client : server).push(bytes));
    }
    events.push(...client.end(), ...server.end());
    for (const event of events as ClientEvent[]) {
      const lines = words({ ...event, client: 12345, at: 0 }, { width, colors: false }).split('\n');
      assert.equal(lines.pop(), '');
      for (const line of lines) {
        assert.match(line, SAFE);
        assert.ok(columnsOf(line) <= width, `${columnsOf(line)} columns of ${width}: ${line}`);
      }
    }
  }
});

test('--trace prints both ways in their order, between the lines of the console, without colours into a pipe', async (t) => {
  const program = await Program.start(t, '--trace');
  const wire = await Wire.open(program.where);
  wire.send(frame(1, 'Hello'), frame(8, closing(1000)));
  await wire.rest();
  wire.end();
  await program.printed('closes');
  await program.stop();
  assert.deepEqual(program.stdout.split('\n').filter((line) => !line.startsWith(' ')).map((line) => line.replace(/  +step.*/, '')), [
    'string(19) "新链接1已创建"', 'client 1 → server  request, 148 bytes', 'server → client 1  response, 129 bytes',
    'string(22) "新连接1握手成功"', 'client 1 → server  text, 11 bytes', 'client 1 → server  close, 8 bytes', 'string(5) "Hello"',
    'server → client 1  text, 7 bytes', 'server → client 1  close, 4 bytes', 'string(22) "客户端1主动关闭"', 'server → client 1  closes', '',
  ]);
});

describe('the lines below the title', () => {
  /** Those of one frame of a client's, in so much room. */
  function textsOf(bytes: Buffer, room: number): string[] {
    const lines = linesOf(connection().client.push(bytes), room + 2), first = lines.findIndex((line) => /^  [0-9a-f]{2} /.test(line));
    return lines.slice(first).map((line) => line.slice(2));
  }

  test('rows of 4, 8 or 16 bytes, as many as fit: the masked ones, and beside them the unmasked', () => {
    const bytes = frame(2, Buffer.from(Array.from({ length: 20 }, (_, i) => i)));
    assert.deepEqual(textsOf(bytes, 118).slice(-2), [
      'masked 37 fb 23 3e 33 ff 27 3a 3f f3 2b 36 3b f7 2f 32   unmasked 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f',
      '       27 eb 33 2e                                                10 11 12 13',
    ]);
    assert.deepEqual(textsOf(bytes, 78).slice(-3), [
      'masked 37 fb 23 3e 33 ff 27 3a   unmasked 00 01 02 03 04 05 06 07',
      '       3f f3 2b 36 3b f7 2f 32            08 09 0a 0b 0c 0d 0e 0f',
      '       27 eb 33 2e                        10 11 12 13',
    ]);
    assert.equal(textsOf(bytes, 50).at(-1), '       27 eb 33 2e            10 11 12 13');
  });

  test('32 bytes are shown, of 33 there is one more', () => {
    assert.ok(!textsOf(frame(2, Buffer.alloc(32)), 78).at(-1)!.includes('more'));
    assert.equal(textsOf(frame(2, Buffer.alloc(33)), 78).at(-1), '… 1 more byte');
  });

  test('where the fields do not fit on a line they go on on the next one, none is broken', () => {
    assert.deepEqual(textsOf(frame(1, 'Hello'), 50).slice(1, 3), [
      'FIN=1 RSV=000 opcode=0x1 text  MASK=1 length=5', 'key=37 fa 21 3d  "Hello"',
    ]);
  });

  test('a text is shown up to the end of the line, and where it is cut its length in bytes', () => {
    assert.equal(textsOf(frame(1, 'x'.repeat(76)), 78)[2], `"${'x'.repeat(76)}"`);
    assert.equal(textsOf(frame(1, 'x'.repeat(77)), 78)[2], `"${'x'.repeat(66)}"… 77 bytes`);
  });
});

/**
 * Attacks that have brought down others, by their numbers. That reading a header takes linear time (CVE-2020-7662,
 * CVE-2021-32640) is shown in tests/websocket/extensions.test.ts and http.test.ts; that no request is smuggled, and no
 * page of another origin let in, in tests/conformance/http.ts and handshake.ts.
 */
import assert from 'node:assert/strict';
import { BINARY, CLOSE, TEXT } from '../../lib/websocket/frame.ts';
import { closing, frame, request, Wire } from '../wire.ts';
import { against, dismiss } from './attack.ts';
import { crowd } from './crowd.ts';

const attack = against();

attack('CVE-2024-37890: more header fields than are counted', { quick: 5, full: 500 }, async ({ where, size }) => {
  await crowd(size, async (number) => {
    await dismiss([await Wire.open(where, 'a:b\r\n'.repeat(100 + number * 697 % 2900))]);
  });
});

attack('ws\'s close(), CVE-2016-10518: of a storm of Close frames one is answered, with no byte that was not sent',
  { quick: 1, full: 40 }, async ({ where, size }) => {
    // Opened first: all of them close in one moment
    const wires = await crowd(size * 124, () => Wire.open(where));
    const closeOf = (length: number): Buffer => closing(1000, 'r'.repeat(length % 124));
    for (const [length, wire] of wires.entries()) {
      // A secret that the server has had in its memory
      wire.send(frame(BINARY, Buffer.alloc(200, 'secret')), ...Array(100).fill(frame(CLOSE, closeOf(length))));
    }
    for (const [length, wire] of wires.entries()) {
      await wire.frame();
      assert.deepEqual(await wire.frame(), { first: 0x88, payload: closeOf(length) });
      assert.equal((await wire.rest()).length, 0);
      wire.end();
    }
  });

/** What would begin a field or a line of its own, or act on a terminal. */
const EVIL = [
  'a\rInjected: yes', 'a\x00b', 'a\x1b[2J\x1b]0;title\x07', 'a\x85b', 'a\x9b2Jb', 'a%0d%0aInjected: yes', 'a\x7f',
];
/** What begins a line of the console. */
const LINE = /^(?:$|string\(\d+\) "|client \d+ \(127\.0\.0\.1 port \d+\) |listening on|\{"sockets"|and [\d,]+ more)/;

attack('header injection, log injection, control characters to the terminal', { quick: 1, full: 100 },
  async ({ program, where, size }) => {
    const places = (evil: string): string[] => [
      request({}, `GET /${evil} HTTP/1.1`), request({}, `${evil} / HTTP/1.1`), request({ Host: evil }),
      request({ Origin: evil }),
      request({ 'Sec-WebSocket-Protocol': evil }), request({ 'Sec-WebSocket-Version': evil }), request({ [evil]: 'x' }),
      request({ 'Sec-WebSocket-Extensions': evil }), request({ 'Sec-WebSocket-Key': evil }), request({ Upgrade: evil }),
    ];
    const texts = EVIL.flatMap(places);
    await crowd(size * texts.length, async (number) => {
      const wire = await Wire.connect(where);
      wire.send(Buffer.from(texts[number % texts.length]!, 'latin1'));
      const head = await wire.head();
      assert.doesNotMatch(head, /^Injected/m);
      assert.doesNotMatch(head.replaceAll('\r\n', ''), /[\x00-\x1f\x7f]/);
      await dismiss([wire]);
    });
    const wire = await Wire.open(where);
    for (const evil of [...EVIL, '\u202e\u2066\u2028', '\n"client 1 closed with 1000"\n', 'the last one']) {
      wire.send(frame(TEXT, evil), frame(BINARY, Buffer.from(evil)));
      assert.equal((await wire.frame()).payload.toString(), evil);
      await wire.frame();
    }
    wire.send(frame(CLOSE, closing(3000, 'bye\x1b[2J\nclient 1 closed with 1000')));
    await wire.rest();
    wire.end();
    await program.printed('"the last one"\n');
    // The innocent client's line may be cut
    const whole = (text: string): string[] => text.slice(0, text.lastIndexOf('\n')).split('\n');
    for (const line of [...whole(program.stdout), ...whole(program.stderr)]) {
      assert.doesNotMatch(line, /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u, JSON.stringify(line));
      assert.match(line, LINE);
    }
  });

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Decoder } from '../../lib/trace/decoder.ts';
import type { WireEvent } from '../../lib/trace/events.ts';
import { hex, randomOf } from '../helpers.ts';
import { closing, frame, REQUEST, request } from '../wire.ts';
import { connection, DEFLATE, opened, RESPONSE } from './connection.ts';

/** What a client's events say in short. */
function kinds(events: WireEvent[]): unknown[] {
  return events.map(({ kind, size, fields = [], payload }) => {
    return [kind, size, fields.find(({ name }) => name === 'opcode')?.means, payload?.text];
  });
}

describe('RFC 6455 5.7: its samples', () => {
  test('"Hello", masked: each bit of it', () => {
    const [event, ...more] = connection().client.push(hex('8185 37fa213d 7f9f4d5158'));
    assert.deepEqual(more, []);
    const { fields, ...rest } = event!;
    assert.deepEqual(rest, {
      n: 3, from: 'client', step: 7, kind: 'frame', size: 11, hex: '818537fa213d7f9f4d5158',
      payload: { length: 5, hex: '48656c6c6f', masked: '7f9f4d5158', text: 'Hello' },
    });
    assert.deepEqual(fields, [
      { name: 'FIN', bit: 0, bits: 1, value: '1' },
      { name: 'RSV1', bit: 1, bits: 1, value: '0' },
      { name: 'RSV2', bit: 2, bits: 1, value: '0' },
      { name: 'RSV3', bit: 3, bits: 1, value: '0' },
      { name: 'opcode', bit: 4, bits: 4, value: '0x1', means: 'text' },
      { name: 'MASK', bit: 8, bits: 1, value: '1' },
      { name: 'length', bit: 9, bits: 7, value: '5' },
      { name: 'masking key', bit: 16, bits: 32, value: '37 fa 21 3d' },
      { name: 'payload', bit: 48, bits: 40, value: '7f 9f 4d 51 58' },
    ]);
  });
  test('256 bytes and 64 KiB: lengths of 16 and 64 bits, the first 512 bytes', () => {
    const { server } = connection();
    for (const [header, length, bits] of [['827e0100', 256, 16], ['827f0000000000010000', 65536, 64]] as const) {
      const [event, ...more] = server.push(Buffer.concat([hex(header), Buffer.alloc(length, 7)]));
      assert.deepEqual(more, []);
      assert.equal(event!.size, header.length / 2 + length);
      assert.equal(event!.hex, header + '07'.repeat(Math.min(length, 512)));
      assert.equal(event!.payload!.length, length);
      assert.deepEqual(event!.fields!.filter(({ name }) => /length/.test(name)).map(({ name, bit, bits, value, means }) => {
        return [name, bit, bits, value, means];
      }), [['length', 9, 7, bits === 16 ? '126' : '127', `${bits} bits follow`], ['extended length', 16, bits, String(length), undefined]]);
      assert.equal(event!.fields!.at(-1)!.bit, 16 + bits);
    }
  });
});

describe('a handshake', () => {
  test('is told line by line, each with its place in the bytes', () => {
    const bytes = Buffer.from('\r\nGET /chat HTTP/1.1\r\nHost: \texample.com \r\nupgrade: WebSocket\r\nX-Colon: a:b\r\n\r\n');
    const [event] = new Decoder('client').push(bytes);
    assert.deepEqual([event!.kind, event!.step, event!.size, event!.hex], ['request', 6, bytes.length, bytes.toString('hex')]);
    assert.deepEqual(event!.head!.map(({ name, value, at, size }) => [name, value, bytes.toString('latin1', at, at + size)]), [
      ['request line', 'GET /chat HTTP/1.1', 'GET /chat HTTP/1.1\r\n'],
      ['Host', 'example.com', 'Host: \texample.com \r\n'],
      ['upgrade', 'WebSocket', 'upgrade: WebSocket\r\n'],
      ['X-Colon', 'a:b', 'X-Colon: a:b\r\n'],
    ]);
  });
  test('its response is of step 6, and frames may stand right behind both', () => {
    const { client, server } = opened();
    assert.deepEqual(kinds(client.push(Buffer.concat([Buffer.from(REQUEST), frame(1, 'a')]))), [
      ['request', REQUEST.length, undefined, undefined], ['frame', 7, 'text', 'a'],
    ]);
    const events = server.push(Buffer.concat([Buffer.from(RESPONSE), frame(1, 'b', { masked: false })]));
    assert.deepEqual(events.map(({ kind, step }) => [kind, step]), [['response', 6], ['frame', 7]]);
  });
  test('a refusal has its body', () => {
    const of = (asked: string, status: string, body = 'Sorry.\n'): WireEvent => {
      const { client, server } = opened();
      client.push(Buffer.from(asked));
      return server.push(Buffer.from(`HTTP/1.1 ${status}\r\nContent-Length: ${body.length}\r\n\r\n${body}`)).at(-1)!;
    };
    assert.deepEqual(of(REQUEST, '400 Bad Request').payload, { length: 7, hex: '536f7272792e0a', text: 'Sorry.\n' });
    const page = of('GET / HTTP/1.1\r\n\r\n', '200 OK', 'x'.repeat(1000));
    assert.deepEqual([page.payload!.length, page.payload!.text], [1000, 'x'.repeat(512)]);
  });
  test('the response to HEAD has no body, whatever its length says', () => {
    const { client, server } = opened(), head = 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n';
    client.push(Buffer.from('HEAD / HTTP/1.1\r\n\r\n'));
    assert.deepEqual(kinds(server.push(Buffer.from(head))), [['response', head.length, undefined, undefined]]);
  });
  test('bytes behind a request for no WebSocket, and what is no request, are told as such', () => {
    const client = new Decoder('client');
    assert.deepEqual(kinds(client.push(Buffer.from('POST / HTTP/1.1\r\n\r\nbody'))), [
      ['request', 19, undefined, undefined], ['garbage', 4, undefined, 'body'],
    ]);
    const { client: other, server } = opened();
    assert.deepEqual(other.push(hex('160301')), []);
    const events = server.push(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'));
    assert.deepEqual(events.map(({ n, from, kind, hex, cut }) => [n, from, kind, hex.slice(0, 6), cut]), [
      [1, 'client', 'garbage', '160301', true], [2, 'server', 'response', '485454', undefined],
    ]);
    assert.deepEqual(kinds(new Decoder('client').push(Buffer.alloc(20000, 'x'))), [['garbage', 20000, undefined, 'x'.repeat(512)]]);
  });
});

describe('closing', () => {
  test('what the server sends is of the step that the loop names: an echo, a Close, the end', () => {
    const { server, link } = connection();
    for (const bytes of [frame(0x1, 'x', { masked: false }), frame(0x9, '', { masked: false }), frame(0x8, closing(1001), { masked: false })]) {
      for (const [named, step] of [[0, 7], [5, 5], [9, 9], [10, 10], [11, 11]] as const) {
        link.step = named;
        assert.equal(server.push(bytes)[0]!.step, step);
        assert.equal(server.end()[0]!.step, step);
      }
    }
  });
  test('what the client had begun when it was refused is told before that', () => {
    const { client, server, link } = connection();
    assert.deepEqual(client.push(hex('82ff 3fffffffffffffff 37fa213d')), []);
    link.step = 9;
    const [begun, close] = server.push(frame(0x8, closing(1009), { masked: false }));
    assert.deepEqual([begun!.from, begun!.cut, begun!.payload!.length, begun!.fields![7]!.value], ['client', true, 2 ** 62, '4611686018427387903']);
    assert.equal(close!.payload!.code, 1009);
  });
  test('an end is of step 5, and what was begun is told first', () => {
    const { client } = connection();
    client.push(hex('81'));
    assert.deepEqual(client.end().map(({ kind, hex, step, cut }) => [kind, hex, step, cut]), [['garbage', '81', 7, true], ['end', '', 5, undefined]]);
  });
});

describe('permessage-deflate', () => {
  test('RFC 7692 7.2.3.1: "Hello", compressed, with what is in it', () => {
    const [event] = connection(DEFLATE).client.push(frame(1, hex('f248cdc9c90700'), { rsv: 0x40 }));
    assert.deepEqual(event!.payload!.inflated, { hex: '48656c6c6f', length: 5, text: 'Hello' });
    assert.equal(event!.payload!.hex, 'f248cdc9c90700');
    assert.equal(event!.fields![1]!.means, 'compressed');
  });
  test('in fragments: of each what it adds', () => {
    const { client } = connection(DEFLATE);
    const events = [...client.push(frame(1, hex('f248cd'), { rsv: 0x40, fin: false })), ...client.push(frame(0, hex('c9c90700')))];
    assert.equal(events.map(({ payload }) => payload!.inflated!.text).join(''), 'Hello');
    assert.equal(events[1]!.fields![1]!.means, undefined);
  });
  test('7.2.3.2: a reference to the client\'s last message, as long as all of its messages are told in full', () => {
    const again = frame(1, hex('f200110000'), { rsv: 0x40 }), hello = frame(1, hex('f248cdc9c90700'), { rsv: 0x40 });
    const textsOf = ({ client }: { client: Decoder }, ...frames: Buffer[]): unknown[] =>
      client.push(Buffer.concat(frames)).map(({ payload }) => payload!.inflated?.text ?? payload!.text);
    const halves = [frame(1, hex('f248cd'), { rsv: 0x40, fin: false }), frame(0, hex('c9c90700'))];
    assert.deepEqual(textsOf(connection(DEFLATE), ...halves, again, frame(1, 'Hi'), again),
      ['He', 'llo', 'Hello', 'Hi', 'Hello']);
    const long = frame(1, Buffer.concat([hex('00 00 02 ff fd'), Buffer.alloc(512, 'x'), Buffer.of(0)]), { rsv: 0x40 });
    assert.deepEqual(textsOf(connection(DEFLATE), hello, long, again, hello, again).slice(2), ['', 'Hello', '']);
    const without = DEFLATE.replace('deflate\r', 'deflate; client_no_context_takeover\r');
    assert.deepEqual(textsOf(connection(without), hello, again), ['Hello', '']);
    const crowded = connection(DEFLATE);
    crowded.client.push(hello);
    crowded.link.room = 0;
    crowded.client.push(hello);
    crowded.link.room = 9;
    assert.deepEqual(textsOf(crowded, again), ['']);
  });
  test('what cannot be inflated is told without, and RSV1 means nothing where it was not agreed on', () => {
    const [bad] = connection(DEFLATE).client.push(frame(1, 'Hello', { rsv: 0x40 }));
    assert.deepEqual(bad!.payload!.inflated, { hex: '', length: 0, text: '' });
    const [plain] = connection().client.push(frame(1, 'Hello', { rsv: 0x40 }));
    assert.equal(plain!.payload!.inflated, undefined);
  });
});

test('a text that is cut inside a character, by a fragment or by us, is told without that character', () => {
  const { client } = connection(), text = Buffer.from('Hellö');
  assert.deepEqual(client.push(Buffer.concat([frame(1, text.subarray(0, 5), { fin: false }), frame(0, text.subarray(5))]))
    .map(({ payload }) => payload!.text), ['Hell', '']);
  assert.equal(client.push(frame(1, `${'x'.repeat(511)}ö`))[0]!.payload!.text, 'x'.repeat(511));
  assert.equal(client.push(frame(1, text.subarray(0, 5)))[0]!.payload!.text, undefined);
  assert.equal(client.push(frame(1, text.subarray(5)))[0]!.payload!.text, undefined);
  assert.equal(client.push(frame(2, 'binary'))[0]!.payload!.text, undefined);
});

test('events without room are counted, and their number is told with the next one', () => {
  const { client, link } = connection();
  link.room = 1;
  assert.equal(client.push(Buffer.concat([frame(1, 'a'), frame(1, 'b', { fin: false }), frame(0, 'c', { fin: false })])).length, 1);
  link.room = 1;
  const [event] = client.push(frame(0, 'd'));
  assert.deepEqual([event!.lost, event!.n, event!.fragment], [2, 4, { index: 3, opcode: 1, last: true }]);
});

/** A client's whole conversation, right and wrong. */
const SAMPLES = [
  request(), frame(1, 'Hello'), frame(2, Buffer.alloc(126, 1)), frame(2, Buffer.alloc(70000, 2)), frame(1, ''), frame(9, 'ping'),
  frame(1, 'Hel', { fin: false }), frame(0xa, ''), frame(0, 'lo'), frame(3, 'x', { masked: false, rsv: 0x70 }), frame(0, 'no message'),
  frame(1, Buffer.alloc(512, 'x')), frame(1, Buffer.alloc(513, 'x')), frame(1, 'long', { bits: 64 }), frame(8, closing(1005)), frame(8, 'x'),
].map((one) => Buffer.from(one));

test('fed byte by byte, in any two pieces, or glued: the same events', () => {
  const bytes = Buffer.concat(SAMPLES);
  const glued = new Decoder('client').push(bytes);
  assert.equal(glued.length, SAMPLES.length);
  assert.equal(glued.reduce((sum, { size }) => sum + size, 0), bytes.length);
  const single = new Decoder('client');
  assert.deepEqual(Array.from(bytes, (_, i) => single.push(bytes.subarray(i, i + 1))).flat(), glued);
  const heads = Buffer.concat(SAMPLES.filter(({ length }) => length < 600));
  const whole = new Decoder('client').push(heads);
  for (let cut = 1; cut < heads.length; cut++) {
    const decoder = new Decoder('client');
    assert.deepEqual([...decoder.push(heads.subarray(0, cut)), ...decoder.push(heads.subarray(cut))], whole);
  }
});

test('bytes that are changed after push() change nothing', () => {
  const client = new Decoder('client'), bytes = Buffer.from(REQUEST);
  client.push(bytes.subarray(0, 50));
  bytes.fill(0, 0, 50);
  const [event] = client.push(bytes.subarray(50));
  assert.equal(event!.hex, Buffer.from(REQUEST).toString('hex'));
});

test('whatever comes, nothing is thrown, and every byte is told once', (t) => {
  const random = randomOf(t);
  let exact = 0;
  for (let round = 0; round < 500; round++) {
    const decoders = opened();
    const fed = { client: '', server: '' }, told = { client: '', server: '' }, isLong = { client: false, server: false };
    const take = (events: WireEvent[]): void => {
      for (const { from, hex, size, cut } of events) {
        told[from] += hex;
        isLong[from] ||= size > hex.length / 2 && cut !== true;
      }
    };
    const feed = (from: 'client' | 'server', bytes: Buffer): void => {
      fed[from] += bytes.toString('hex');
      take(decoders[from].push(bytes, random(4) === 0));
    };
    if (random(4) > 0) {
      feed('client', Buffer.from(REQUEST));
      feed('server', Buffer.from(random(2) > 0 ? RESPONSE : DEFLATE));
    }
    for (let i = 0; i < 20; i++) {
      const payload = Buffer.from(Array.from({ length: random(40) }, () => random(256)));
      const options = { fin: random(2) > 0, rsv: random(8) << 4, masked: random(4) > 0 };
      feed(random(2) > 0 ? 'client' : 'server', random(5) > 0 ? frame(random(16), payload, options) : payload.subarray(0, random(9)));
    }
    for (const from of ['client', 'server'] as const) take(decoders[from].end());
    for (const from of ['client', 'server'] as const) {
      // A long one is not shown to its end
      if (isLong[from]) continue;
      exact++;
      assert.equal(told[from], fed[from]);
    }
  }
  assert.ok(exact > 300);
});

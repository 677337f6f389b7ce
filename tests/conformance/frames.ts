/** Frames: RFC 6455 5, 6, 8.1 and 10.4. */
import { hex } from '../helpers.ts';
import { frame } from '../wire.ts';
import { chop, close, fragments, glue, reply, type Row, RSV1 } from './row.ts';

const hello = frame(1, 'Hello'), echo = reply(1, 'Hello');
const OPCODES = [0, 1, 2, 8, 9, 10];
const RESERVED = [3, 4, 5, 6, 7, 11, 12, 13, 14, 15];
const MAX = 16 * 1024 * 1024;
const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i));

type Rule = [section: string, rule: string];

/** The server closes with this code on each of these; what follows is not looked at. */
function fails(code: number, [section, rule]: Rule, cases: (string | Buffer)[][], more: Partial<Row> = {}): Row[] {
  return cases.map(([name, ...packets]) => ({
    section: `RFC 6455 ${section}`, must: true, rule: `${rule}: ${String(name)}`, then: code,
    packets: [...packets, frame(1, 'not read'), frame(9, 'not answered')], ...more,
  }));
}

/** What a continuation continues. */
function begun(opcode: number): Buffer[] {
  return opcode === 0 ? [frame(1, 'a', { fin: false })] : [];
}

function declared(second: number, digits: string, first = 0x82): Buffer {
  return glue(Buffer.of(first, 0x80 | second), hex(digits));
}

function echoes(
  section: string, must: boolean, rule: string, packets: Buffer[], answers: Buffer[], more: Partial<Row> = {},
): Row {
  return { section: `RFC 6455 ${section}`, must, rule, packets, answers, ...more };
}

export const frames: Row[] = [
  ...fails(1002, ['5.1', 'a server closes on a frame that is not masked'], [
    ...OPCODES.map((opcode) => [`opcode ${opcode}`, ...begun(opcode), frame(opcode, 'ab', { masked: false })]),
    ['an empty one', frame(1, '', { masked: false })], ['its header is enough', hex('81 05')],
    ['a long one', frame(2, bytes, { masked: false })],
  ]),
  ...fails(1002, ['5.1', 'a server closes on a frame that is not masked'],
    [['after a good one', hello, frame(1, 'x', { masked: false })]], { answers: [echo] }),

  ...[1, 2, 3, 4, 5, 6, 7].flatMap((rsv) => fails(1002,
    ['5.2', 'a reserved bit that no extension has given a meaning'],
    OPCODES.map((opcode) =>
      [`${rsv.toString(2).padStart(3, '0')} in opcode ${opcode}`, ...begun(opcode),
        frame(opcode, '', { rsv: rsv << 4 })]))),
  ...fails(1002, ['5.2', 'an opcode without a meaning'], RESERVED.flatMap((opcode) => [
    [`0x${opcode.toString(16)}, empty`, frame(opcode)], [`0x${opcode.toString(16)}`, frame(opcode, 'payload')],
    [`0x${opcode.toString(16)}, not final`, frame(opcode, 'payload', { fin: false })],
    [`0x${opcode.toString(16)} in the middle of a message`, frame(1, 'a', { fin: false }), frame(opcode, 'b')],
  ])),
  ...fails(1002, ['5.2', 'a length takes no more bytes than it needs'], [
    ...[0, 1, 124, 125].map((length) => [`${length} in 16 bits`, frame(2, Buffer.alloc(length), { bits: 16 })]),
    ...[0, 1, 125, 126, 65535].map((length) => [`${length} in 64 bits`, frame(2, Buffer.alloc(length), { bits: 64 })]),
    ['of a fragment', frame(1, 'a', { fin: false }), frame(0, 'b', { bits: 16 })],
    ['as soon as it has come', hex('82 fe 00 7d')],
  ]),
  ...fails(1002, ['5.2', 'the highest bit of a length in 64 is 0'], [
    ['all set', declared(127, 'ffffffffffffffff 00000000')], ['alone', declared(127, '8000000000000000')],
    ['with a length that would do', declared(127, '8000000000010000')],
  ]),
  ...[125, 126, 127, 255, 256, 258, 65535, 65536, 65537, 66051].map((length): Row => echoes(
    '5.2', true, `a length of ${length} is read and written in network byte order`,
    [frame(2, Buffer.alloc(length, 'x'))], [reply(2, Buffer.alloc(length, 'x'))],
  )),
  ...['00000000', 'ffffffff', '01020304', '80000001', '0000007f'].map((key): Row => echoes(
    '5.3', true, `a payload is unmasked with the key of its frame: ${key}`,
    [frame(2, bytes, { key: [...hex(key)] }), hello, frame(2, bytes, { key: [...hex(key)].reverse() })],
    [reply(2, bytes), echo, reply(2, bytes)],
  )),
  echoes('5.3', true, 'each fragment has a key of its own, which begins with its first byte',
    [frame(2, bytes.subarray(0, 3), { fin: false, key: [1, 2, 3, 4] }),
      frame(0, bytes.subarray(3), { key: [5, 6, 7, 8] })], [reply(2, bytes)]),
  ...[1, 2, 3, 5, 7, 64].map((size): Row =>
    echoes('5.3', true, `a masked payload is cut by TCP after each ${size}`,
      chop(frame(2, bytes), size), [reply(2, bytes)])),

  echoes('5.4', true, 'a message in one frame', [hello], [echo]),
  ...[2, 3, 5, 100].map((count): Row => echoes('5.4', true, `a message in ${count} fragments is one message`,
    fragments(2, chop(bytes, Math.ceil(256 / count))), [reply(2, bytes)])),
  echoes('5.4', true, 'fragments may be empty', fragments(1, ['', '', 'Hel', '', 'lo', '']), [echo]),
  echoes('5.4', true, 'control frames stand in the middle of a message, and are answered before its end',
    [frame(1, 'Hel', { fin: false }), frame(9, 'a'), frame(10, 'b'), frame(0, '', { fin: false }), frame(9),
      frame(9, 'c')],
    [reply(10, 'a'), reply(10), reply(10, 'c')]),
  echoes('5.4', true, 'and the message is whole after that',
    [frame(1, 'Hel', { fin: false }), frame(9, 'a'), frame(0, 'lo')], [reply(10, 'a'), echo]),
  echoes('5.4', true, 'a Close in the middle of a message is answered',
    [frame(1, 'Hel', { fin: false }), close(1000).sent],
    [close(1000).echo], { then: 'over' }),
  ...fails(1002, ['5.4', 'fragments of two messages are not mixed'], [
    ['text in text', frame(1, 'a', { fin: false }), frame(1, 'b')],
    ['binary in text', frame(1, 'a', { fin: false }), frame(2, 'b')],
    ['text in binary', frame(2, 'a', { fin: false }), frame(1, 'b', { fin: false })],
    ['after an empty fragment', frame(1, '', { fin: false }), frame(1, 'b')],
  ]),
  ...fails(1002, ['5.4', 'a continuation continues something'], [
    ['the first frame', frame(0, 'a')], ['not final', frame(0, 'a', { fin: false })], ['empty', frame(0)],
  ]),
  ...fails(1002, ['5.4', 'a continuation continues something'],
    [['after a whole message', hello, frame(0, 'a')]], { answers: [echo] }),

  ...fails(1002, ['5.5', 'a control frame is not fragmented'], [8, 9, 10].flatMap((opcode) => [
    [`opcode ${opcode}`, frame(opcode, '', { fin: false })],
    [`opcode ${opcode} in a message`, frame(1, 'a', { fin: false }), frame(opcode, '', { fin: false })],
  ])),
  ...fails(1002, ['5.5', 'a control frame has at most 125 bytes'], [8, 9, 10].flatMap((opcode) => [
    [`opcode ${opcode}, 126`, frame(opcode, Buffer.alloc(126, 3))],
    [`opcode ${opcode}, 65536`, frame(opcode, Buffer.alloc(65536, 3))],
    [`opcode ${opcode}, 5 in 16 bits`, frame(opcode, 'abcde', { bits: 16 })],
    [`opcode ${opcode}, its length is enough`, Buffer.of(0x80 | opcode, 0xfe)],
  ])),
  ...[0, 1, 4, 124, 125].map((length): Row =>
    echoes('5.5.2', true, `a Ping of ${length} bytes gets a Pong with the same`,
      [frame(9, bytes.subarray(0, length))], [reply(10, bytes.subarray(0, length))])),
  echoes('5.5.2', false, 'each Ping its own Pong, at once and in order',
    [frame(9, 'a'), hello, frame(9, 'b'), frame(9, 'c')],
    [reply(10, 'a'), echo, reply(10, 'b'), reply(10, 'c')]),
  echoes('5.5.2', true, 'no Pong after a Close', [glue(close(1000).sent, frame(9, 'late'))],
    [close(1000).echo],
    { then: 'over' }),
  echoes('5.5.3', false, 'a Pong that nobody asked for gets no answer', [frame(10), frame(10, 'x'), hello], [echo]),

  echoes('5.6', true, 'a text frame may end inside a code point, a text not',
    fragments(1, [hex('c3'), hex('b6 e2 82'), hex('ac')]),
    [reply(1, 'ö€')]),
  echoes('5.6', false, 'binary is any bytes', [frame(2, hex('ff fe c3 28'))], [reply(2, hex('ff fe c3 28'))]),
  ...[
    ['masked Hello', '8185 37fa213d 7f9f4d5158', '8105 48656c6c6f'],
    ['Hello in two fragments', '0183 00000000 48656c 8082 00000000 6c6f', '8105 48656c6c6f'],
    ['a Ping', '8985 00000000 48656c6c6f', '8a05 48656c6c6f'], ['the masked Pong', '8a85 37fa213d 7f9f4d5158', ''],
    ['256 bytes', `82fe0100 00000000 ${bytes.toString('hex')}`, `827e0100 ${bytes.toString('hex')}`],
    ['64 KiB', `82ff0000000000010000 00000000 ${'ab'.repeat(65536)}`, `827f0000000000010000 ${'ab'.repeat(65536)}`],
  ].map(([name, sent, answer]): Row =>
    echoes('5.7', false, `the RFC's own sample: ${name}`, [hex(sent!)], [hex(answer!)])),
  echoes('5.8', true, 'what was not negotiated is not used: an answer has no reserved bit',
    [frame(1, 'x'.repeat(1000))],
    [reply(1, 'x'.repeat(1000))]),
  echoes('6.1', true, 'the answer is a final frame of the type that came',
    [hello, frame(2, 'Hello'), ...fragments(2, ['a', 'b'])],
    [echo, reply(2, 'Hello'), reply(2, 'ab')]),
  echoes('6.2', true, 'what follows a message is a new one',
    [...fragments(1, ['a', 'b']), ...fragments(2, ['c', 'd']), hello],
    [reply(1, 'ab'), reply(2, 'cd'), echo]),
  echoes('6.2', true, 'frames are found whatever the cuts of TCP: three of them, glued',
    [glue(hello, frame(9, 'x'), hello, hello.subarray(0, 3)), hello.subarray(3)], [echo, reply(10, 'x'), echo, echo]),
  ...chop(glue(hello, hello), 1).slice(1)
    .map((_, i): Row => echoes('6.2', true, `two frames, cut behind byte ${i + 1}`,
      [glue(hello, hello).subarray(0, i + 1), glue(hello, hello).subarray(i + 1)], [echo, echo])),
  echoes('7.3', false, 'a client that ends its side without a word has its answers, and then the end', [hello],
    [echo], { then: 'client ends' }),
  echoes('7.3', false, 'so has one that ends in the middle of a frame', [hello, hello.subarray(0, 8)], [echo],
    { then: 'client ends' }),

  ...fails(1009, ['10.4', 'a message of more than 16 MiB is refused as soon as its length is known'], [
    ['2^24 + 1', declared(127, '0000000001000001')], ['2^32', declared(127, '0000000100000000')],
    ['2^62', declared(127, '4000000000000000')],
    ['2^63 - 1', declared(127, '7fffffffffffffff')], ['text', declared(127, '0000000001000001', 0x81)],
    ['over all fragments', frame(2, 'a', { fin: false }), declared(127, '0000000001000000', 0x80)],
    ['over many', ...Array.from({ length: 4 }, (_, i) => frame(i === 0 ? 2 : 0, Buffer.alloc(MAX / 4), { fin: false })),
      frame(0, 'x')],
  ]),
  echoes('10.4', true, 'a Ping between the fragments of 16 MiB does not count',
    [frame(2, Buffer.alloc(MAX - 1), { fin: false }), frame(9, 'xyz'), frame(0, 'x')],
    [reply(10, 'xyz'), reply(2, glue(Buffer.alloc(MAX - 1), 'x'))]),
  ...fails(1002, ['5.2', 'RSV1 without permessage-deflate'],
    [['in a text', frame(1, hex('f248cdc9c90700'), { rsv: RSV1 })]]),
  ...fails(1002, ['5.2', 'RSV1 where the client has not offered it'],
    [['in a text', frame(1, hex('f248cdc9c90700'), { rsv: RSV1 })]],
    { flags: ['--deflate'] }),
];

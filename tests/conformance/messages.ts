/** permessage-deflate: RFC 7692 6 and 7.2, compressed messages. */
import { deflateRawSync } from 'node:zlib';
import { hex } from '../helpers.ts';
import { closing, frame } from '../wire.ts';
import { DEFLATE, NAME, offering } from './deflate.ts';
import { type Answer, chop, compress, fragments, glue, type Lazy, noise, type Packed, reply, type Row, RSV1, RSV2,
  RSV3 } from './row.ts';

const MAX = 16 * 1024 * 1024;
const rsv = RSV1;
const request = offering(NAME);
const fields = { 'Sec-WebSocket-Extensions': NAME };
const text = 'a text that is worth it, as it says the same again and again '.repeat(20);
const packed: Packed = { opcode: 1, payload: Buffer.from(text), windowBits: 15, compressed: true };
const hello = hex('f248cdc9c90700'), again = hex('f200110000'), echo = reply(1, 'Hello');

function row(section: string, rule: string, packets: Lazy<Buffer>, answers: Lazy<Answer>,
  more: Partial<Row> = {}): Row {
  return { section, must: true, rule, flags: DEFLATE, request, fields, packets, answers, ...more };
}

function fails(code: number, section: string, rule: string, ...packets: Buffer[]): Row {
  return row(section, rule, [...packets, frame(1, 'not read'), frame(9, 'not answered')], [], { then: code });
}

/** The end of the compressed form, after which zlib is done: BFINAL, and an empty block as in 7.2.3.4. */
function final(payload: string): Buffer {
  return glue(deflateRawSync(payload), Buffer.of(0));
}

const samples: [section: string, name: string, bytes: string][] = [
  ['7.2.3.1', 'one block of the fixed code', 'f2 48 cd c9 c9 07 00'],
  ['7.2.3.3', 'a block without compression', '00 05 00 fa ff 48 65 6c 6c 6f 00'],
  ['7.2.3.4', 'a block with BFINAL set', 'f3 48 cd c9 c9 07 00 00'],
  ['7.2.3.5', 'two blocks', 'f2 48 05 00 00 00 ff ff ca c9 c9 07 00'],
];

/** Repeats itself from near and far: from just inside and just outside of a window of this size. */
function repetitive(bits: number): Buffer {
  const size = 2 ** bits;
  // A long answer is not compressed
  const gaps = bits <= 11 ? [-120, -7, -6, -5, 0, 1, 50, size] : bits <= 13 ? [-7, 1] : [1];
  const parts = gaps.flatMap((more, i) => {
    const block = noise(Math.max(40, size + more), i + 1);
    return [block, block.subarray(0, Math.min(block.length, 300))];
  });
  return glue(...parts, 'x'.repeat(600), ...(gaps.length > 1 ? parts.slice(0, 2) : []));
}

export const messages: Row[] = [
  ...samples.flatMap(([section, name, digits]) => {
    const bytes = hex(digits);
    const sample = (rule: string, packets: Buffer[]): Row =>
      row(`RFC 7692 ${section}`, rule, packets, [echo], { must: section === '7.2.3.4' });
    return [
      sample(`the RFC's own sample: ${name}`, [frame(1, bytes, { rsv })]),
      ...[...bytes.keys()].slice(1).map((at) => sample(`${name}, in two fragments, cut behind byte ${at}`,
        fragments(1, [bytes.subarray(0, at), bytes.subarray(at)], { rsv }))),
      sample(`${name}, byte by byte`, chop(frame(1, bytes, { rsv }), 1)),
    ];
  }),
  fails(1007, 'RFC 7692 7.2.2', '7.2.3.2: a first message that refers to one before it is broken',
    frame(1, again, { rsv })),
  row('RFC 7692 7.2.3.2', 'the same message again, as a reference to the last one',
    [hello, again, again, hello].map((bytes) => frame(1, bytes, { rsv })), [echo, echo, echo, echo], { must: false }),
  row('RFC 7692 7.1.1.2', 'no such reference is read where the client has offered not to make any',
    [hello, again].map((bytes) => frame(1, bytes, { rsv })), [echo], {
      must: false, then: 1007, request: offering(`${NAME}; client_no_context_takeover`),
      fields: { 'Sec-WebSocket-Extensions': `${NAME}; client_no_context_takeover` },
    }),
  row('RFC 7692 7.2.3.6', 'an empty message: an empty block',
    [frame(1, Buffer.of(0), { rsv }), frame(2, Buffer.of(0), { rsv })],
    [reply(1), reply(2)], { must: false }),
  row('RFC 7692 7.2.3.6', 'an empty message: the fixed code\'s empty block', [frame(1, hex('0200'), { rsv })],
    [reply(1)], { must: false }),
  row('RFC 7692 7.2.3.6', 'an empty message in fragments', fragments(1, ['', Buffer.of(0), ''], { rsv }), [reply(1)],
    { must: false }),
  row('RFC 7692 7.2.2', 'several blocks for good (BFINAL), more behind them',
    [frame(1, glue(deflateRawSync('Hel'), deflateRawSync('lo'), Buffer.of(0)), { rsv })], [echo]),
  row('RFC 7692 7.2.3.4', 'BFINAL in a message that is answered compressed', [frame(1, final(text), { rsv })],
    [packed]),

  row('RFC 7692 6', 'a message may come without compression',
    [frame(1, 'Hello'), frame(1, hello, { rsv }), frame(2, 'Hello')], [echo, echo, reply(2, 'Hello')]),
  row('RFC 7692 6', 'also in fragments', fragments(1, ['Hel', 'lo']), [echo]),
  row('RFC 7692 6', 'RSV1 stands in the first fragment, and means them all',
    fragments(1, chop(compress(text), 10), { rsv }), [packed]),
  row('RFC 7692 6', 'fragments of one byte', fragments(1, chop(compress(text), 1), { rsv }), [packed]),
  row('RFC 7692 6', 'control frames between the fragments come and go without compression',
    fragments(1, chop(compress(text), 10), { rsv })
      .flatMap((one, i) => (i < 3 ? [one, frame(9, `ping ${i}`), frame(10)] : [one])),
    [reply(10, 'ping 0'), reply(10, 'ping 1'), reply(10, 'ping 2'), packed]),
  fails(1002, 'RFC 7692 6', 'RSV1 in a fragment that is not the first',
    frame(1, compress(text).subarray(0, 9), { rsv, fin: false }),
    frame(0, compress(text).subarray(9), { rsv })),
  fails(1002, 'RFC 7692 6', 'RSV1 in the continuation of a message that is not compressed',
    frame(1, 'Hel', { fin: false }), frame(0, 'lo', { rsv })),
  ...[8, 9, 10].map((opcode) => fails(1002, 'RFC 7692 6', `RSV1 in control frame ${opcode}`,
    frame(opcode, '', { rsv }))),
  ...[8, 9, 10].map((opcode) => fails(1002, 'RFC 7692 6', `RSV1 in control frame ${opcode} between fragments`,
    frame(1, compress(text).subarray(0, 9), { rsv, fin: false }), frame(opcode, '', { rsv }))),
  ...[RSV2, RSV3, RSV1 | RSV2, RSV1 | RSV3, RSV1 | RSV2 | RSV3].map((bits) =>
    fails(1002, 'RFC 6455 5.2', `RSV bits ${bits >> 4} still have no meaning`, frame(1, hello, { rsv: bits }))),
  fails(1002, 'RFC 6455 5.1', 'a compressed frame is masked, too', frame(1, hello, { rsv, masked: false })),

  row('RFC 7692 6.1', 'an answer that is worth it is compressed, with RSV1',
    [frame(1, compress(text), { rsv }), frame(1, text)], [packed, packed]),
  row('RFC 7692 6.1', 'binary as well', [frame(2, compress(text), { rsv })], [{ ...packed, opcode: 2 }]),
  row('RFC 7692 6.1', 'what does not get shorter goes without RSV1', [frame(2, noise(1000))], [reply(2, noise(1000))]),
  row('RFC 7692 6.1', 'control frames are never compressed',
    [frame(9, 'x'.repeat(125)), frame(8, closing(1000, 'x'.repeat(123)))],
    [reply(10, 'x'.repeat(125)), reply(8, closing(1000, 'x'.repeat(123)))], { then: 'over' }),
  row('RFC 7692 7.1.1', 'no answer refers to the one before: each can be inflated alone',
    [...Array<Buffer>(5)].map(() => frame(1, compress(text), { rsv })),
    Array<Packed>(5).fill(packed)),
  ...[8, 9, 10, 11, 12, 13, 14, 15].map((bits): Row => row('RFC 7692 7.2.1',
    `no answer refers further back than the ${bits} bits agreed on`,
    () => [frame(2, compress(repetitive(bits)), { rsv }), frame(1, text)],
    () => [{ opcode: 2, payload: repetitive(bits), windowBits: bits, ...(bits < 15 && { compressed: true }) },
      { ...packed, windowBits: bits }], {
      request: offering(`${NAME}; server_max_window_bits=${bits}`),
      fields: { 'Sec-WebSocket-Extensions': `${NAME}; server_max_window_bits=${bits}` },
    })),
  ...[9, 12, 15].map((bits): Row => row('RFC 7692 7.2.2', `a client may use any window: ${bits} bits`,
    () => [frame(2, compress(repetitive(bits), bits), { rsv })],
    () => [{ opcode: 2, payload: repetitive(bits), windowBits: 15 }])),

  ...['ff', '06', '07ff', 'f248cd', '00050000ff48656c6c6f', 'ffffffffffffffff', '0485'].map((bytes) =>
    fails(1007, 'RFC 7692 7.2.2', `what is no deflate data: ${bytes}`, frame(1, hex(bytes), { rsv }))),
  fails(1007, 'RFC 7692 7.2.2', 'what is no deflate data, in fragments',
    ...fragments(2, [hex('ff'), hex('ff')], { rsv })),
  fails(1007, 'RFC 7692 7.2.2', 'text that is not compressed, with RSV1', frame(1, text, { rsv })),
  ...['ff', 'c3', 'eda080', '61c0'].map((bytes) => fails(1007, 'RFC 6455 8.1',
    `the inflated text is no UTF-8: ${bytes}`, frame(1, compress(hex(bytes)), { rsv }))),
  fails(1007, 'RFC 6455 8.1', 'the inflated text is no UTF-8, in fragments',
    ...fragments(1, chop(compress(glue(text, hex('ff'))), 7), { rsv })),
  row('RFC 6455 8.1', 'text without compression is still refused at its first bad byte',
    [frame(1, hex('ff 61 61')).subarray(0, 7)], [], { then: 1007 }),
  row('RFC 6455 8.1', 'a code point may be cut by fragments',
    fragments(1, chop(compress('ö€𝄞'.repeat(50)), 1), { rsv }),
    [{ ...packed, payload: Buffer.from('ö€𝄞'.repeat(50)) }]),
  row('RFC 6455 8.1', 'binary may be anything', [frame(2, compress(hex('ff')), { rsv })], [reply(2, hex('ff'))]),

  row('RFC 6455 10.4', 'a message that inflates to 16 MiB is taken',
    () => [frame(2, compress(Buffer.alloc(MAX)), { rsv })],
    () => [{ opcode: 2, payload: Buffer.alloc(MAX), windowBits: 15 }]),
  ...[MAX + 1, 2 * MAX, 16 * MAX].map((length) => row('RFC 6455 10.4', `one that inflates to ${length} bytes is not`,
    () => [frame(2, compress(Buffer.alloc(length)), { rsv })], [], { then: 1009, isLarge: length > MAX + 1 })),
  row('RFC 6455 10.4', 'nor in fragments',
    () => fragments(1, chop(compress(Buffer.alloc(MAX + 1, 'x')), 1000), { rsv }), [], { then: 1009 }),
  row('RFC 6455 10.4', 'nor behind a block with BFINAL',
    () => [frame(2, glue(deflateRawSync(Buffer.alloc(MAX)), compress('x')), { rsv })], [], { then: 1009 }),
];

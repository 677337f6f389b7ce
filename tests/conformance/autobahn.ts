/** Counterparts of the Autobahn test suite's groups 1 to 5 and 10, by their numbers. */
import { hex } from '../helpers.ts';
import { frame } from '../wire.ts';
import { chop, fragments, glue, reply, type Row } from './row.ts';

const HELLO = 'Hello, world!';
const hello = frame(1, HELLO), echo = reply(1, HELLO), ping = frame(9);
const lengths = [0, 125, 126, 127, 128, 65535, 65536];

/** Of these packets, what is answered, and the code that it fails with; null: it goes on. */
type Case = [section: string, rule: string, packets: Buffer[], answers: Buffer[], code?: number | null, must?: boolean];

function numbered(group: string, cases: Case[]): Row[] {
  return cases.map(([section, rule, packets, answers, code = null, must = true], i) => ({
    section: `RFC 6455 ${section}`, rule, must, autobahn: `${group}.${i + 1}`, packets, answers,
    ...(code === null ? {} : { then: code }),
  }));
}

function framing(group: string, opcode: number, byte: number): Row[] {
  return numbered(group, [...lengths, 65536].map((length, i): Case => {
    const payload = Buffer.alloc(length, byte), [how, cut] = i === 7 ? [' in pieces of 997', 997] : ['', Infinity];
    return ['5.2', `a message of ${length} bytes${how}, opcode ${opcode}`, chop(frame(opcode, payload), cut),
      [reply(opcode, payload)]];
  }));
}

const full = Buffer.alloc(125, 0xfe), binary = hex('00fffefdfcfb00ff');
const ten = Array.from({ length: 10 }, (_, i) => `payload-${i}`);
const tenAnswers = ten.map((one) => reply(10, one));

const pings = numbered('2', [
  ['5.5.2', 'a Ping without a payload', [ping], [reply(10)]],
  ['5.5.2', 'a Ping with text', [frame(9, HELLO)], [reply(10, HELLO)]],
  ['5.5.2', 'a Ping with binary', [frame(9, binary)], [reply(10, binary)]],
  ['5.5.2', 'a Ping of 125 bytes', [frame(9, full)], [reply(10, full)]],
  ['5.5', 'a Ping of 126 bytes', [frame(9, Buffer.alloc(126, 0xfe))], [], 1002],
  ['5.5.2', 'a Ping, byte by byte', chop(frame(9, full), 1), [reply(10, full)]],
  ['5.5.3', 'a Pong without a payload', [frame(10)], [], null, false],
  ['5.5.3', 'a Pong with one', [frame(10, 'unsolicited')], [], null, false],
  ['5.5.2', 'a Pong, then a Ping', [frame(10, 'unsolicited'), frame(9, 'ping')], [reply(10, 'ping')]],
  ['5.5.2', 'ten Pings', ten.map((one) => frame(9, one)), tenAnswers],
  ['5.5.2', 'ten Pings, byte by byte', ten.flatMap((one) => chop(frame(9, one), 1)), tenAnswers],
]);

/** A message, a frame with something reserved, a Ping that is not answered any more. */
function reserved(bad: Buffer, rule: string, cut = Infinity): Case {
  return ['5.2', rule, chop(glue(hello, bad, ping), cut), [echo], 1002];
}

const bits = numbered('3', [
  ['5.2', 'RSV 1', [frame(1, HELLO, { rsv: 0x10 })], [], 1002],
  reserved(frame(1, HELLO, { rsv: 0x20 }), 'RSV 2 after a message'),
  ['5.2', 'RSV 3 after a message, a frame a packet', [hello, frame(1, HELLO, { rsv: 0x30 }), ping], [echo], 1002],
  reserved(frame(1, HELLO, { rsv: 0x40 }), 'RSV 4 after a message, byte by byte', 1),
  ['5.2', 'RSV 5 in a binary', [frame(2, binary, { rsv: 0x50 })], [], 1002],
  ['5.2', 'RSV 6 in a Ping', [frame(9, HELLO, { rsv: 0x60 })], [], 1002],
  ['5.2', 'RSV 7 in a Close', [frame(8, hex('03e8'), { rsv: 0x70 })], [], 1002],
]);

function opcodes(group: string, five: number[]): Row[] {
  return numbered(group, five.map((opcode, i): Case => {
    const bad = frame(opcode, i % 2 === 0 && i < 4 ? '' : 'reserved opcode payload');
    const rule = `opcode ${opcode}${i < 2 ? '' : ' after a message'}${i === 4 ? ', byte by byte' : ''}`;
    return i < 2 ? ['5.2', rule, [bad], [], 1002] : reserved(bad, rule, i === 4 ? 1 : Infinity);
  }));
}

const two = fragments(1, ['fragment1', 'fragment2']), joined = reply(1, 'fragment1fragment2');

/** A message in the three ways that Autobahn sends it: each frame a packet, all in one, byte by byte. */
function threeWays(rule: string, packets: Buffer[], answers: Buffer[], code: number | null = null): Case[] {
  return [
    ['5.4', rule, packets, answers, code], ['5.4', `${rule}, glued`, [glue(...packets)], answers, code],
    ['5.4', `${rule}, byte by byte`, chop(glue(...packets), 1), answers, code],
  ];
}

const five = ['fragment1', 'fragment2', 'fragment3', 'fragment4', 'fragment5'];
const pinged = fragments(1, five).flatMap((one, i) => (i === 1 || i === 3 ? [one, frame(9, `pongme ${i}!`)] : [one]));
const pongs = [reply(10, 'pongme 1!'), reply(10, 'pongme 3!'), reply(1, five.join(''))];

/** Twice a continuation of nothing with this FIN, then a message that has begun. */
function strayed(fin: boolean): Case {
  const once = [frame(0, 'fragment1', { fin }), frame(1, 'fragment2', { fin: false }), frame(0, 'fragment3')];
  return ['5.4', `a continuation of nothing, FIN ${fin ? 1 : 0}, then a message in two fragments, twice`,
    [...once, ...once], [], 1002];
}

const fragmentation = numbered('5', [
  ['5.5', 'a Ping in two fragments', fragments(9, ['fragment1', 'fragment2']), [], 1002],
  ['5.5', 'a Pong in two fragments', fragments(10, ['fragment1', 'fragment2']), [], 1002],
  ...threeWays('a text in two fragments', two, [joined]),
  ...threeWays('a text in two fragments, a Ping between', [two[0]!, frame(9, 'ping payload'), two[1]!],
    [reply(10, 'ping payload'), joined]),
  ...[true, false].flatMap((fin) => threeWays(`a continuation of nothing, FIN ${fin ? 1 : 0}, then a text`,
    [frame(0, 'non-continuation payload', { fin }), hello], [], 1002)),
  ['5.4', 'a text in two fragments, a continuation of nothing, a text',
    [...two, frame(0, 'fragment3', { fin: false }), frame(1, 'fragment4')], [joined], 1002],
  strayed(false), strayed(true),
  ['5.4', 'a text inside of another', [frame(1, 'fragment1', { fin: false }), frame(1, 'fragment2')], [], 1002],
  ['5.4', 'five fragments and two Pings, with a pause', pinged, pongs],
  ['5.4', 'five fragments and two Pings, glued', [glue(...pinged)], pongs],
]);

const long = '*'.repeat(65536);

export const autobahn: Row[] = [
  ...framing('1.1', 1, 0x2a), ...framing('1.2', 2, 0xfe), ...pings, ...bits, ...opcodes('4.1', [3, 4, 5, 6, 7]),
  ...opcodes('4.2', [11, 12, 13, 14, 15]), ...fragmentation,
  ...numbered('10.1', [
    ['5.4', '64 KiB in fragments of 1300 bytes', fragments(1, chop(Buffer.from(long), 1300)), [reply(1, long)]],
  ]),
];

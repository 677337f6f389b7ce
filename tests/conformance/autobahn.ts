/** Counterparts of the Autobahn test suite's groups 1 to 5 and 10, by their numbers. */
import { hex } from '../helpers.ts';
import { frame } from '../wire.ts';
import { type Bytes, chop, fragments, glue, reply, type Row } from './row.ts';

const HELLO = 'Hello, world!';
const hello = frame(1, HELLO), echo = reply(1, HELLO), ping = frame(9);
const lengths = [0, 125, 126, 127, 128, 65535, 65536];

type Case = Omit<Row, 'autobahn' | 'must'> & { must?: boolean };

function numbered(group: string, cases: Case[]): Row[] {
  return cases.map((one, i) => ({ must: true, ...one, autobahn: `${group}.${i + 1}` }));
}

function framing(group: string, opcode: number, byte: number): Row[] {
  const messages = [...lengths, 65536].map((length) => Buffer.alloc(length, byte));
  return numbered(group, messages.map((payload, i) => ({
    section: 'RFC 6455 5.2',
    rule: `a message of ${payload.length} bytes${i === 7 ? ' in pieces of 997' : ''}, opcode ${opcode}`,
    packets: chop(frame(opcode, payload), i === 7 ? 997 : Infinity), answers: [reply(opcode, payload)],
  })));
}

const full = Buffer.alloc(125, 0xfe), binary = hex('00fffefdfcfb00ff');
const ten = Array.from({ length: 10 }, (_, i) => `payload-${i}`);
const tenAnswers = ten.map((one) => reply(10, one));

const pings = numbered('2', [
  { section: 'RFC 6455 5.5.2', rule: 'a Ping without a payload', packets: [ping],
    answers: [reply(10)] },
  { section: 'RFC 6455 5.5.2', rule: 'a Ping with text', packets: [frame(9, HELLO)],
    answers: [reply(10, HELLO)] },
  { section: 'RFC 6455 5.5.2', rule: 'a Ping with binary', packets: [frame(9, binary)],
    answers: [reply(10, binary)] },
  { section: 'RFC 6455 5.5.2', rule: 'a Ping of 125 bytes', packets: [frame(9, full)],
    answers: [reply(10, full)] },
  { section: 'RFC 6455 5.5', rule: 'a Ping of 126 bytes', packets: [frame(9, Buffer.alloc(126, 0xfe))], then: 1002 },
  { section: 'RFC 6455 5.5.2', rule: 'a Ping, byte by byte', packets: chop(frame(9, full), 1),
    answers: [reply(10, full)] },
  { section: 'RFC 6455 5.5.3', must: false, rule: 'a Pong without a payload', packets: [frame(10)] },
  { section: 'RFC 6455 5.5.3', must: false, rule: 'a Pong with one', packets: [frame(10, 'unsolicited')] },
  {
    section: 'RFC 6455 5.5.2', rule: 'a Pong, then a Ping',
    packets: [frame(10, 'unsolicited'), frame(9, 'ping')],
    answers: [reply(10, 'ping')],
  },
  { section: 'RFC 6455 5.5.2', rule: 'ten Pings', packets: ten.map((one) => frame(9, one)),
    answers: tenAnswers },
  {
    section: 'RFC 6455 5.5.2', rule: 'ten Pings, byte by byte', answers: tenAnswers,
    packets: ten.flatMap((one) => chop(frame(9, one), 1)),
  },
]);

/** A message, a frame with something reserved, a Ping that is not answered any more. */
function reserved(bad: Buffer, rule: string, cut = Infinity): Case {
  return { section: 'RFC 6455 5.2', rule, packets: chop(glue(hello, bad, ping), cut), answers: [echo], then: 1002 };
}

const bits = numbered('3', [
  { section: 'RFC 6455 5.2', rule: 'RSV 1', packets: [frame(1, HELLO, { rsv: 0x10 })], then: 1002 },
  reserved(frame(1, HELLO, { rsv: 0x20 }), 'RSV 2 after a message'),
  { ...reserved(hello, 'RSV 3 after a message, a frame a packet'),
    packets: [hello, frame(1, HELLO, { rsv: 0x30 }), ping] },
  reserved(frame(1, HELLO, { rsv: 0x40 }), 'RSV 4 after a message, byte by byte', 1),
  { section: 'RFC 6455 5.2', rule: 'RSV 5 in a binary', packets: [frame(2, binary, { rsv: 0x50 })], then: 1002 },
  { section: 'RFC 6455 5.2', rule: 'RSV 6 in a Ping', packets: [frame(9, HELLO, { rsv: 0x60 })], then: 1002 },
  { section: 'RFC 6455 5.2', rule: 'RSV 7 in a Close', packets: [frame(8, hex('03e8'), { rsv: 0x70 })], then: 1002 },
]);

function opcodes(group: string, five: number[]): Row[] {
  return numbered(group, five.map((opcode, i): Case => {
    const bad = frame(opcode, i % 2 === 0 && i < 4 ? '' : 'reserved opcode payload');
    const rule = `opcode ${opcode}${i < 2 ? '' : ' after a message'}${i === 4 ? ', byte by byte' : ''}`;
    return i < 2 ? { section: 'RFC 6455 5.2', rule, packets: [bad], then: 1002 }
      : reserved(bad, rule, i === 4 ? 1 : Infinity);
  }));
}

const two = fragments(1, ['fragment1', 'fragment2']), joined = reply(1, 'fragment1fragment2');
const middle = [two[0]!, frame(9, 'ping payload'), two[1]!];
const pong = reply(10, 'ping payload');

/** A message in the three ways that Autobahn sends it: each frame a packet, all in one, byte by byte. */
function threeWays(one: Case, packets: Buffer[], answers: Buffer[]): Case[] {
  return [
    { ...one, packets, answers }, { ...one, rule: `${one.rule}, glued`, packets: [glue(...packets)], answers },
    { ...one, rule: `${one.rule}, byte by byte`, packets: chop(glue(...packets), 1), answers },
  ];
}

const five = ['fragment1', 'fragment2', 'fragment3', 'fragment4', 'fragment5'];
const pinged = fragments(1, five).flatMap((one, i) => (i === 1 || i === 3 ? [one, frame(9, `pongme ${i}!`)] : [one]));
const pongs = [reply(10, 'pongme 1!'), reply(10, 'pongme 3!')];

/** Twice a continuation of nothing with this FIN, then a message that has begun. */
function strayed(fin: boolean): Case {
  return {
    section: 'RFC 6455 5.4',
    rule: `a continuation of nothing, FIN ${fin ? 1 : 0}, then a message in two fragments, twice`, then: 1002,
    packets: [...Array<Bytes>(2)].flatMap(() =>
      [frame(0, 'fragment1', { fin }), frame(1, 'fragment2', { fin: false }), frame(0, 'fragment3')]),
  };
}

const fragmentation = numbered('5', [
  { section: 'RFC 6455 5.5', rule: 'a Ping in two fragments', packets: fragments(9, ['fragment1', 'fragment2']),
    then: 1002 },
  { section: 'RFC 6455 5.5', rule: 'a Pong in two fragments', packets: fragments(10, ['fragment1', 'fragment2']),
    then: 1002 },
  ...threeWays({ section: 'RFC 6455 5.4', rule: 'a text in two fragments' }, two, [joined]),
  ...threeWays({ section: 'RFC 6455 5.4', rule: 'a text in two fragments, a Ping between' }, middle, [pong, joined]),
  ...[true, false].flatMap((fin) =>
    threeWays({ section: 'RFC 6455 5.4', rule: `a continuation of nothing, FIN ${fin ? 1 : 0}, then a text`,
      then: 1002 },
      [frame(0, 'non-continuation payload', { fin }), hello], [])),
  {
    section: 'RFC 6455 5.4', rule: 'a text in two fragments, a continuation of nothing, a text', answers: [joined],
    then: 1002,
    packets: [...two, frame(0, 'fragment3', { fin: false }), frame(1, 'fragment4')],
  },
  strayed(false), strayed(true),
  { section: 'RFC 6455 5.4', rule: 'a text inside of another',
    packets: [frame(1, 'fragment1', { fin: false }), frame(1, 'fragment2')], then: 1002 },
  { section: 'RFC 6455 5.4', rule: 'five fragments and two Pings, with a pause', packets: pinged,
    answers: [...pongs, reply(1, five.join(''))] },
  { section: 'RFC 6455 5.4', rule: 'five fragments and two Pings, glued', packets: [glue(...pinged)],
    answers: [...pongs, reply(1, five.join(''))] },
]);

const long = '*'.repeat(65536);

export const autobahn: Row[] = [
  ...framing('1.1', 1, 0x2a), ...framing('1.2', 2, 0xfe), ...pings, ...bits, ...opcodes('4.1', [3, 4, 5, 6, 7]),
  ...opcodes('4.2', [11, 12, 13, 14, 15]),
  ...fragmentation,
  ...numbered('10.1', [{
    section: 'RFC 6455 5.4', rule: '64 KiB in fragments of 1300 bytes',
    packets: fragments(1, chop(Buffer.from(long), 1300)), answers: [reply(1, long)],
  }]),
];

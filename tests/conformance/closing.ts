/** Closing: RFC 6455 5.5.1 and 7, and group 7 of the Autobahn test suite. */
import { hex } from '../helpers.ts';
import { closing as payloadOf, frame, REQUEST } from '../wire.ts';
import { chop, close, fragments, glue, reply, type Row } from './row.ts';

const hello = frame(1, 'Hello'), echo = reply(1, 'Hello');
const bye = close(1000);

/** A Close with this payload is echoed, or fails the connection with this code. */
function answered(section: string, rule: string, payload: Buffer, autobahn?: string, fails?: number, must = true): Row {
  return {
    section: `RFC 6455 ${section}`, must, rule, packets: [glue(frame(8, payload), frame(1, 'not read'))],
    ...(fails === undefined ? { answers: [reply(8, payload)], then: 'over' } : { then: fails }),
    ...(autobahn === undefined ? {} : { autobahn }),
  };
}

/** Of these packets, what is answered, and how it ends. */
function plays(section: string, rule: string, packets: Buffer[], answers: Buffer[], more: Partial<Row> = {}): Row {
  return { section: `RFC 6455 ${section}`, must: true, rule, packets, answers, then: 'over', ...more };
}

/** RFC 6455 7.4: by their ranges; 1012 to 1014 were registered after it. */
const valid = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999];
const invalid = [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999];
const reasons: [string, string][] = [
  ['of 1 byte', '61'], ['of 123 bytes', '61'.repeat(123)], ['in Chinese', Buffer.from('再见').toString('hex')],
  ['with a NUL', '00'],
];

export const closing: Row[] = [
  answered('5.5.1', 'a Close without a body', Buffer.alloc(0), '7.3.1'),
  answered('5.5.1', 'a body begins with a code of two bytes, not one', hex('03'), '7.3.2', 1002),
  answered('5.5.1', 'a Close with a code is answered with it', payloadOf(1000), '7.3.3'),
  answered('5.5.1', 'a Close with code and reason', payloadOf(1000, 'Hello World!'), '7.3.4'),
  answered('5.5.1', 'the longest reason', payloadOf(1000, '*'.repeat(123)), '7.3.5'),
  answered('5.5', 'one byte more', payloadOf(1000, '*'.repeat(124)), '7.3.6', 1002),
  answered('5.5.1', 'a reason is UTF-8', payloadOf(1000, hex('cebae1bdb9cf83cebcceb5 eda080 656469746564')), '7.5.1',
    1007),
  ...['ff', 'c3', '61c3', 'c080', 'eda080', 'f4908080'].map((reason) =>
    answered('5.5.1', `a reason is UTF-8: ${reason}`, payloadOf(1000, hex(reason)), undefined, 1007)),
  ...reasons.map(([name, reason]) =>
    answered('7.1.6', `a reason ${name} comes back`, payloadOf(1000, hex(reason)), undefined, undefined, false)),
  ...valid.map((code, i) => answered('7.4', `code ${code} may be sent`, payloadOf(code), `7.7.${i + 1}`)),
  ...[1012, 1013, 1014, 3001, 4500].map((code) => answered('7.4', `code ${code} may be sent`, payloadOf(code))),
  ...invalid.map((code, i) => answered('7.4', `code ${code} may not`, payloadOf(code), `7.9.${i + 1}`, 1002)),
  ...[1, 256, 1015, 1017, 1999].map((code) =>
    answered(code === 1015 ? '7.4.1' : '7.4', `code ${code} may not`, payloadOf(code), undefined, 1002)),
  answered('7.4.1', 'a bad code with a reason', payloadOf(1005, 'none'), undefined, 1002),
  answered('7.4', 'code 5000 may not', payloadOf(5000), '7.13.1', 1002),
  answered('7.4', 'code 65535 may not', payloadOf(65535), '7.13.2', 1002),

  plays('5.5.1', 'what came before the Close is answered before it', [hello, bye.sent], [echo, bye.echo],
    { autobahn: '7.1.1' }),
  plays('5.5.1', 'a second Close gets no answer', [glue(bye.sent, bye.sent), bye.sent], [bye.echo],
    { autobahn: '7.1.2' }),
  plays('5.5.1', 'no Ping after the Close is answered', [glue(bye.sent, frame(9)), frame(9)], [bye.echo],
    { autobahn: '7.1.3' }),
  plays('5.5.1', 'no data frame is sent after the Close', [glue(bye.sent, hello), hello], [bye.echo],
    { autobahn: '7.1.4' }),
  plays('5.5.1', 'a Close inside a message: its rest is not read',
    [frame(1, 'fragment1', { fin: false }), bye.sent, frame(0, 'fragment2')], [bye.echo], { autobahn: '7.1.5' }),
  plays('5.5.1', 'a Close behind 256 KiB, a Ping behind it',
    [frame(1, 'BAsd7&jh23'.repeat(26214)), frame(1, 'BAsd7&jh23'), bye.sent, frame(9)],
    [reply(1, 'BAsd7&jh23'.repeat(26214)), reply(1, 'BAsd7&jh23'), bye.echo], { autobahn: '7.1.6' }),
  plays('5.5.1', 'a Close that comes byte by byte is answered as soon as it is whole', chop(close(3001, 'bye').sent, 1),
    [close(3001, 'bye').echo], { must: false }),
  plays('5.5.1', 'a Close glued to the request', [], [bye.echo], { request: glue(REQUEST, bye.sent) }),
  plays('7.1.1', 'the server ends TCP first, cleanly, with bytes still coming',
    [bye.sent, frame(2, Buffer.alloc(1 << 20))], [bye.echo], { must: false }),
  plays('7.1.1', 'a client that never ends TCP after the Close is cut', [bye.sent], [bye.echo],
    { must: false, flags: ['--close-timeout', '0.2'], then: 'cut' }),
  plays('7.1.2', 'a server that begins to close sends a code and a reason', [frame(3)], [], { then: 1002 }),
  plays('7.1.7', 'a failed connection is not read on: good frames in the same packet',
    [glue(frame(1, 'x', { masked: false }), hello, frame(9), bye.sent)], [], { then: 1002 }),
  plays('7.1.7', 'a failed connection is not read on: the Close that answers',
    [frame(1, hex('ff')), bye.sent, hello], [], { then: 1007 }),
  plays('7.1.7', 'answers before the failure arrive before its Close',
    [glue(hello, frame(9, 'x'), ...fragments(1, ['a', hex('ff')]))], [echo, reply(10, 'x')], { then: 1007 }),
];

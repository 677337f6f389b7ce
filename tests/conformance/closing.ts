/** Closing: RFC 6455 5.5.1 and 7, and group 7 of the Autobahn test suite. */
import { hex } from '../helpers.ts';
import { closing as payloadOf, frame, REQUEST } from '../wire.ts';
import { chop, close, fragments, glue, reply, type Row } from './row.ts';

const hello = frame(1, 'Hello'), echo = reply(1, 'Hello');
const bye = close(1000);
const cut = ['--close-timeout', '0.2'];

interface Case {
  section: string;
  rule: string;
  payload: Buffer;
  must?: boolean;
  autobahn?: string;
  /** Nothing: it is echoed. */
  fails?: number;
}

function answered({ section, rule, payload, must = true, autobahn, fails }: Case): Row {
  return {
    section, must, rule, packets: [glue(frame(8, payload), frame(1, 'not read'))],
    ...(fails === undefined ? { answers: [reply(8, payload)], then: 'over' } : { then: fails }),
    ...(autobahn === undefined ? {} : { autobahn }),
  };
}

/** RFC 6455 7.4: by their ranges; 1012 to 1014 were registered after it. */
const valid = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999];
const invalid = [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999];
const reasons: [string, string][] = [
  ['of 1 byte', '61'], ['of 123 bytes', '61'.repeat(123)], ['in Chinese', Buffer.from('再见').toString('hex')],
  ['with a NUL', '00'],
];

export const closing: Row[] = [
  answered({ section: 'RFC 6455 5.5.1', rule: 'a Close without a body', payload: Buffer.alloc(0), autobahn: '7.3.1' }),
  answered({ section: 'RFC 6455 5.5.1', rule: 'a body begins with a code of two bytes, not one', payload: hex('03'),
    fails: 1002, autobahn: '7.3.2' }),
  answered({ section: 'RFC 6455 5.5.1', rule: 'a Close with a code is answered with it', payload: payloadOf(1000),
    autobahn: '7.3.3' }),
  answered({ section: 'RFC 6455 5.5.1', rule: 'a Close with code and reason', payload: payloadOf(1000, 'Hello World!'),
    autobahn: '7.3.4' }),
  answered({ section: 'RFC 6455 5.5.1', rule: 'the longest reason', payload: payloadOf(1000, '*'.repeat(123)),
    autobahn: '7.3.5' }),
  answered({ section: 'RFC 6455 5.5', rule: 'one byte more', payload: payloadOf(1000, '*'.repeat(124)), fails: 1002,
    autobahn: '7.3.6' }),
  answered({
    section: 'RFC 6455 5.5.1', rule: 'a reason is UTF-8',
    payload: payloadOf(1000, hex('cebae1bdb9cf83cebcceb5 eda080 656469746564')),
    fails: 1007, autobahn: '7.5.1',
  }),
  ...['ff', 'c3', '61c3', 'c080', 'eda080', 'f4908080'].map((reason) => answered({
    section: 'RFC 6455 5.5.1', rule: `a reason is UTF-8: ${reason}`, payload: payloadOf(1000, hex(reason)), fails: 1007,
  })),
  ...reasons.map(([name, reason]) => answered({
    section: 'RFC 6455 7.1.6', must: false, rule: `a reason ${name} comes back`, payload: payloadOf(1000, hex(reason)),
  })),
  ...valid.map((code, i) => answered({
    section: 'RFC 6455 7.4', rule: `code ${code} may be sent`, payload: payloadOf(code), autobahn: `7.7.${i + 1}`,
  })),
  ...[1012, 1013, 1014, 3001, 4500].map((code) =>
    answered({ section: 'RFC 6455 7.4', rule: `code ${code} may be sent`, payload: payloadOf(code) })),
  ...invalid.map((code, i) => answered({
    section: 'RFC 6455 7.4', rule: `code ${code} may not`, payload: payloadOf(code), fails: 1002,
    autobahn: `7.9.${i + 1}`,
  })),
  ...[1, 256, 1015, 1017, 1999].map((code) => answered({
    section: code === 1015 ? 'RFC 6455 7.4.1' : 'RFC 6455 7.4', rule: `code ${code} may not`, payload: payloadOf(code),
    fails: 1002,
  })),
  answered({ section: 'RFC 6455 7.4.1', rule: 'a bad code with a reason', payload: payloadOf(1005, 'none'),
    fails: 1002 }),
  answered({ section: 'RFC 6455 7.4', rule: 'code 5000 may not', payload: payloadOf(5000), fails: 1002,
    autobahn: '7.13.1' }),
  answered({ section: 'RFC 6455 7.4', rule: 'code 65535 may not', payload: payloadOf(65535), fails: 1002,
    autobahn: '7.13.2' }),

  {
    section: 'RFC 6455 5.5.1', must: true, rule: 'what came before the Close is answered before it', autobahn: '7.1.1',
    packets: [hello, bye.sent], answers: [echo, bye.echo], then: 'over',
  },
  {
    section: 'RFC 6455 5.5.1', must: true, rule: 'a second Close gets no answer', autobahn: '7.1.2',
    packets: [glue(bye.sent, bye.sent), bye.sent], answers: [bye.echo], then: 'over',
  },
  {
    section: 'RFC 6455 5.5.1', must: true, rule: 'no Ping after the Close is answered', autobahn: '7.1.3',
    packets: [glue(bye.sent, frame(9)), frame(9)], answers: [bye.echo], then: 'over',
  },
  {
    section: 'RFC 6455 5.5.1', must: true, rule: 'no data frame is sent after the Close', autobahn: '7.1.4',
    packets: [glue(bye.sent, hello), hello], answers: [bye.echo], then: 'over',
  },
  {
    section: 'RFC 6455 5.5.1', must: true, rule: 'a Close inside a message: its rest is not read', autobahn: '7.1.5',
    packets: [frame(1, 'fragment1', { fin: false }), bye.sent, frame(0, 'fragment2')], answers: [bye.echo],
    then: 'over',
  },
  {
    section: 'RFC 6455 5.5.1', must: true, rule: 'a Close behind 256 KiB, a Ping behind it', autobahn: '7.1.6',
    packets: [frame(1, 'BAsd7&jh23'.repeat(26214)), frame(1, 'BAsd7&jh23'), bye.sent, frame(9)],
    answers: [reply(1, 'BAsd7&jh23'.repeat(26214)), reply(1, 'BAsd7&jh23'), bye.echo], then: 'over',
  },
  {
    section: 'RFC 6455 5.5.1', must: false, rule: 'a Close that comes byte by byte is answered as soon as it is whole',
    packets: chop(close(3001, 'bye').sent, 1), answers: [close(3001, 'bye').echo], then: 'over',
  },
  {
    section: 'RFC 6455 5.5.1', must: true, rule: 'a Close glued to the request', request: glue(REQUEST, bye.sent),
    answers: [bye.echo], then: 'over',
  },
  {
    section: 'RFC 6455 7.1.1', must: false, rule: 'the server ends TCP first, cleanly, with bytes still coming',
    packets: [bye.sent, frame(2, Buffer.alloc(1 << 20))], answers: [bye.echo], then: 'over',
  },
  {
    section: 'RFC 6455 7.1.1', must: false, rule: 'a client that never ends TCP after the Close is cut', flags: cut,
    packets: [bye.sent], answers: [bye.echo], then: 'cut',
  },
  {
    section: 'RFC 6455 7.1.2', must: true,
    rule: 'a server that begins to close sends a code and a reason',
    packets: [frame(3)], then: 1002,
  },
  {
    section: 'RFC 6455 7.1.7', must: true,
    rule: 'a failed connection is not read on: good frames in the same packet',
    packets: [glue(frame(1, 'x', { masked: false }), hello, frame(9), bye.sent)], then: 1002,
  },
  {
    section: 'RFC 6455 7.1.7', must: true,
    rule: 'a failed connection is not read on: the Close that answers',
    packets: [frame(1, hex('ff')), bye.sent, hello], then: 1007,
  },
  {
    section: 'RFC 6455 7.1.7', must: true, rule: 'answers before the failure arrive before its Close',
    packets: [glue(hello, frame(9, 'x'), ...fragments(1, ['a', hex('ff')]))], answers: [echo, reply(10, 'x')],
    then: 1007,
  },
];

/** Sec-WebSocket-Protocol and Sec-WebSocket-Extensions: RFC 6455 4.2.2 and 9.1. permessage-deflate has its own file. */
import { REQUEST } from '../wire.ts';
import { ANSWER } from './deflate.ts';
import { accepts, plus, refuses } from './handshake.ts';
import type { Row } from './row.ts';

const some = ['--subprotocol', 'chat,superchat'];

function protocols(flags: string[], rule: string, expected: string | null, ...lists: string[]): Row[] {
  return accepts({ section: 'RFC 6455 4.2.2, 5', must: true, rule, flags,
    fields: { 'Sec-WebSocket-Protocol': expected } },
    lists.map((list) => plus(...list.split('|').map((one) => `Sec-WebSocket-Protocol: ${one}`))));
}

function extensions(rule: string, expected: string | null, lists: string[], flags = ['--deflate']): Row[] {
  return accepts({ section: 'RFC 6455 9.1', must: true, rule, flags, fields: { 'Sec-WebSocket-Extensions': expected } },
    lists.map((list) => plus(...list.split('|').map((one) => `Sec-WebSocket-Extensions: ${one}`))));
}

const malformed = [
  ';', 'a;', 'a b', 'a; b c', 'a; b=', 'a; =b', 'a=b', 'a; b="', 'a; b=""', 'a; b="c d"', 'a; b="c"d', 'a; b=c=d',
  '"a"', 'a; "b"', 'a, ;', 'a/b', 'a; b=c/d', 'a;;b', '(a)', 'permessage-deflate; server_max_window_bits="1 0"',
];

export const offers: Row[] = [
  ...protocols([], 'the first one that a client offers', 'chat', 'chat', 'chat, superchat', 'chat|superchat',
    ', chat ,, superchat,'),
  ...protocols([], 'in its own case', 'CHAT', 'CHAT, chat'),
  ...protocols([], 'names of objects are names', 'constructor', 'constructor', 'constructor, __proto__, toString'),
  ...protocols([], 'names of objects are names', '__proto__', '__proto__, chat'),
  ...protocols([], 'none where none is offered, not an empty one', null, '', ',', ' , '),
  ...protocols(some, 'the first one that both want', 'superchat', 'superchat, chat', 'x, superchat', 'x|superchat|chat',
    'CHAT, superchat'),
  ...protocols(some, 'none where they want none in common', null, 'x', 'CHAT', 'constructor', '__proto__',
    'toString, hasOwnProperty', 'cha', 'chat2'),
  ...accepts({
    section: 'RFC 6455 4.2.2, 5', must: true, rule: 'never one that was not offered', flags: some,
    fields: { 'Sec-WebSocket-Protocol': null },
  }, [REQUEST]),
  ...[[], some].flatMap((flags) => refuses(400, {
    section: 'RFC 6455 4.1, 10', must: true, rule: 'a list of tokens, each once', flags,
    fields: { 'Sec-WebSocket-Protocol': null },
  }, [
    'chat chat', 'a/b', 'chat;q=1', '"chat"', 'chat, (x)', 'a=b', 'chat, chat', '__proto__,__proto__',
  ].map((list) => plus(`Sec-WebSocket-Protocol: ${list}`)))),
  ...refuses(400, { section: 'RFC 6455 4.1, 10', must: true, rule: 'each once, over several fields too' },
    [plus('Sec-WebSocket-Protocol: chat', 'Sec-WebSocket-Protocol: chat')]),

  ...extensions('an extension that is not known is declined', null, [
    'foo', 'x-webkit-deflate-frame', 'foo; bar, baz; qux=1', 'constructor', '__proto__; a=b', 'toString; valueOf',
    'permessage-deflat', 'permessage-bzip2', 'foo; a="b"', '', ',',
  ]),
  ...extensions('a server that knows none declines all', null,
    ['permessage-deflate', 'foo', 'permessage-deflate; client_max_window_bits'], []),
  ...extensions('the good one among others is taken, wherever it stands', ANSWER, [
    'foo, permessage-deflate', 'permessage-deflate, foo', 'foo; bar="baz" , ,permessage-deflate,',
    'foo|permessage-deflate', 'constructor, permessage-deflate', 'permessage-deflate; foo, permessage-deflate',
    '\tpermessage-deflate\t;\tclient_max_window_bits',
  ]),
  ...accepts({ section: 'RFC 6455 4.2.2, 5', must: true, rule: 'no extension that was not offered',
    flags: ['--deflate'] }, [REQUEST]),
  ...[['--deflate'], []].flatMap((flags) => refuses(400, {
    section: 'RFC 6455 9.1', must: true, rule: 'a header that is no list of extensions is refused', flags,
  }, malformed.map((list) => plus(`Sec-WebSocket-Extensions: ${list}`)))),
  ...refuses(400, { section: 'RFC 6455 9.1', must: true, rule: 'so is a good one beside a bad one',
    flags: ['--deflate'] },
    [plus('Sec-WebSocket-Extensions: permessage-deflate', 'Sec-WebSocket-Extensions: ;')]),
];

/** Sec-WebSocket-Protocol and Sec-WebSocket-Extensions: RFC 6455 4.2.2 and 9.1. permessage-deflate has its own file. */
import { REQUEST } from '../wire.ts';
import { accepts, plus, refuses } from './handshake.ts';
import type { Row } from './row.ts';

const some = ['--subprotocol', 'chat,superchat'];

function protocols(flags: string[], rule: string, expected: string | null, ...lists: string[]): Row[] {
  return accepts('RFC 6455 4.2.2, 5', rule,
    lists.map((list) => plus(...list.split('|').map((one) => `Sec-WebSocket-Protocol: ${one}`))),
    { flags, fields: { 'Sec-WebSocket-Protocol': expected } });
}

function extensions(rule: string, expected: string | null, lists: string[], flags = ['--deflate']): Row[] {
  return accepts('RFC 6455 9.1', rule,
    lists.map((list) => plus(...list.split('|').map((one) => `Sec-WebSocket-Extensions: ${one}`))),
    { flags, fields: { 'Sec-WebSocket-Extensions': expected } });
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
  ...accepts('RFC 6455 4.2.2, 5', 'never one that was not offered',
    [REQUEST], { flags: some, fields: { 'Sec-WebSocket-Protocol': null } }),
  ...[[], some].flatMap((flags) => refuses(400, 'RFC 6455 4.1, 10', 'a list of tokens, each once', [
    'chat chat', 'a/b', 'chat;q=1', '"chat"', 'chat, (x)', 'a=b', 'chat, chat', '__proto__,__proto__',
  ].map((list) => plus(`Sec-WebSocket-Protocol: ${list}`)), { flags, fields: { 'Sec-WebSocket-Protocol': null } })),
  ...refuses(400, 'RFC 6455 4.1, 10', 'each once, over several fields too',
    [plus('Sec-WebSocket-Protocol: chat', 'Sec-WebSocket-Protocol: chat')]),

  ...extensions('an extension that is not known is declined', null, [
    'foo', 'x-webkit-deflate-frame', 'foo; bar, baz; qux=1', 'constructor', '__proto__; a=b', 'toString; valueOf',
    'permessage-deflat', 'permessage-bzip2', 'foo; a="b"', '', ',',
  ]),
  ...extensions('a server that knows none declines all', null,
    ['permessage-deflate', 'foo', 'permessage-deflate; client_max_window_bits'], []),
  ...extensions('the good one among others is taken, wherever it stands', 'permessage-deflate', [
    'foo, permessage-deflate', 'permessage-deflate, foo', 'foo; bar="baz" , ,permessage-deflate,',
    'foo|permessage-deflate', 'constructor, permessage-deflate', 'permessage-deflate; foo, permessage-deflate',
    '\tpermessage-deflate\t;\tclient_max_window_bits',
  ]),
  ...accepts('RFC 6455 4.2.2, 5', 'no extension that was not offered', [REQUEST], { flags: ['--deflate'] }),
  ...[['--deflate'], []].flatMap((flags) => refuses(400, 'RFC 6455 9.1',
    'a header that is no list of extensions is refused',
    malformed.map((list) => plus(`Sec-WebSocket-Extensions: ${list}`)), { flags })),
  ...refuses(400, 'RFC 6455 9.1', 'so is a good one beside a bad one',
    [plus('Sec-WebSocket-Extensions: permessage-deflate', 'Sec-WebSocket-Extensions: ;')], { flags: ['--deflate'] }),
];

/** Which rows of the table other servers are asked, and in which family each is counted. */
import { autobahn } from '../autobahn.ts';
import { closing } from '../closing.ts';
import { compression } from '../compression.ts';
import { negotiation } from '../deflate.ts';
import { frames } from '../frames.ts';
import { handshake } from '../handshake.ts';
import { http } from '../http.ts';
import { messages } from '../messages.ts';
import { offers } from '../offers.ts';
import type { Row } from '../row.ts';
import { utf8 } from '../utf8.ts';

export const FAMILIES = [
  'opening handshake', 'frames and lengths', 'masking, reserved bits and opcodes', 'fragments and control frames',
  'UTF-8', 'UTF-8, refused at its first bad byte (no MUST)', 'closing', 'permessage-deflate: negotiation',
  'permessage-deflate: messages',
] as const;

export type Family = typeof FAMILIES[number];

export interface Asked {
  row: Row;
  family: Family;
  name: string;
  /** Needs a server that has permessage-deflate. */
  deflate: boolean;
}

/** Rows with these in their name are not asked: the RFCs leave a server free there, or the row is this server's own. */
const FREE: [name: RegExp, why: string][] = [
  [/HTTP\/1\.2"|GET \/ HTTP\/[23]\.0"/, 'RFC 9110 2.5: a SHOULD'],
  [/GET \/%00|GET HTTPS:|anything else is none/, 'a target that is none SHOULD get 400 (RFC 9112 3)'],
  [/"Host: "$/, 'RFC 9112 3.2: where a target has no authority, Host is empty'],
  [/"Sec-WebSocket-Version: 8"|gives up a handshake/, 'a server may speak version 8 too'],
  [/RFC 9112 2\.2 /, 'RFC 9112 2.2: a recipient MAY take LF for CRLF, and a bare CR for a space'],
  [/RFC 9112 3 /, 'RFC 9112 3: a recipient MAY split a request line at any whitespace; an error is a SHOULD'],
  [/RFC 9112 5 no line is the continuation/, 'RFC 9112 5.2: refused, or taken for a space'],
  [/RFC 9110 5\.5 /, 'RFC 9110 5.5: refused, or taken for a space'],
  [/RFC 6455 10\.4 /, 'each server has its own limits'],
  [/no bytes behind a refused request|frames glued to a head of 16 KiB/, 'HTTP goes on; each server has its limits'],
  [/frames may follow the request|a Close glued to the request/, 'RFC 6455 4.1: a client MUST wait for the response'],
  [/none where none is offered|Extensions: ,?"$/, 'RFC 6455 11.3: an empty list is none, and may be refused'],
  [/"Sec-WebSocket-Protocol: (?:chat, chat|__proto__,__proto__)"|each once, over several/, 'binds the client'],
  [/a server that knows none declines all|nothing is accepted without/, 'how this server is started'],
  [/Server_No_Context_Takeover/, 'no RFC says whether a parameter has a case'],
  [/takes no more bytes than it needs|5 in 16 bits/, 'RFC 6455 5.2 binds the sender'],
  [/its (?:length|header) is enough/, 'a server may read a frame to its end before it fails'],
  [/what is no deflate data: f248cd/, 'RFC 7692 has no word about data that ends inside a block'],
  [/answers before the failure arrive/, 'a server that fails need not answer any more'],
  [/code (?:1012|1013|1014|5000|65535) may/, 'registered after the RFC, or of no range of it'],
  [/still refused at its first bad byte/, 'as in the family of UTF-8, and there is no family for both'],
];

function familyOf(file: string, { section, rule, request }: Row): Family {
  if (file === 'handshake') {
    return typeof request === 'string' && request.includes('permessage-deflate') ? 'permessage-deflate: negotiation'
      : 'opening handshake';
  }
  if (file === 'closing') return 'closing';
  if (file === 'negotiation') return 'permessage-deflate: negotiation';
  if (file === 'messages') return 'permessage-deflate: messages';
  if (/bad text is refused|refused at the/.test(rule)) return 'UTF-8, refused at its first bad byte (no MUST)';
  if (file === 'utf8' || section === 'RFC 6455 5.6') return 'UTF-8';
  if (/RFC 6455 5\.[45]/.test(section)) return 'fragments and control frames';
  const lengths = /a message of|a length of|of a length/.test(rule) || /RFC 6455 (?:5\.8|6)/.test(section);
  return lengths ? 'frames and lengths' : 'masking, reserved bits and opcodes';
}

/** The flags that other servers have a counterpart of. '--strict' only where it does not matter. */
function hasCounterpart({ flags = [], status }: Row): boolean {
  return flags.every((flag) => flag === '--deflate' || (flag === '--strict' && status === undefined));
}

const files: [string, Row[]][] = [
  ['handshake', [...handshake, ...http, ...offers]], ['frames', [...frames, ...autobahn]], ['utf8', utf8],
  ['closing', closing], ['negotiation', negotiation], ['messages', [...messages, ...compression]],
];

/** MUSTs only. Large messages are left out too: each server has its own limits. */
export function asked(): Asked[] {
  const seen = new Set<string>();
  return files.flatMap(([file, rows]) => rows.flatMap((row): Asked[] => {
    const name = `${row.section} ${row.rule}${row.autobahn === undefined ? '' : ` (Autobahn ${row.autobahn})`}`;
    if (!row.must || !hasCounterpart(row) || FREE.some(([pattern]) => pattern.test(name))) return [];
    // What stands there with other flags too is asked once
    const key = `${name}\n${String(row.request)}`;
    if (file === 'handshake' && seen.has(key)) return [];
    seen.add(key);
    return [{ row, family: familyOf(file, row), name, deflate: row.flags?.includes('--deflate') ?? false }];
  }));
}

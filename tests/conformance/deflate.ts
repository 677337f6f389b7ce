/** permessage-deflate: RFC 7692, what is offered and agreed on. */
import { frame, REQUEST } from '../wire.ts';
import { plus } from './handshake.ts';
import { reply, type Row } from './row.ts';

export const DEFLATE = ['--deflate'];
export const NAME = 'permessage-deflate';

export function offering(...lists: string[]): string {
  return plus(...lists.map((list) => `Sec-WebSocket-Extensions: ${list}`));
}

/** What is agreed on for each of these offers, parameters or whole lists, and that a message comes back after it. */
function agreed(section: string, rule: string, answer: string | null, offers: string[]): Row[] {
  return offers.map((one) => {
    const offer = one.startsWith(NAME) ? one : `${NAME}; ${one}`;
    return {
      section: `RFC 7692 ${section}`, must: true, rule: `${rule}: ${offer}`, flags: DEFLATE, request: offering(offer),
      fields: { 'Sec-WebSocket-Extensions': answer }, packets: [frame(1, 'Hello')], answers: [reply(1, 'Hello')],
    };
  });
}

const BITS = [8, 9, 10, 11, 12, 13, 14, 15];
/** No number from 8 to 15 as the RFC writes it. */
const NO_BITS = ['7', '16', '08', '0', '010', '1e1', '0xa', '-8', '+8', '9.0', '99999999999999999999', 'x', '"7"',
  '"08"', 'constructor'];

export const negotiation: Row[] = [
  ...agreed('5.1', 'an offer is accepted by its name', NAME, [NAME]),
  ...['server_no_context_takeover', 'client_no_context_takeover',
    'client_no_context_takeover; server_no_context_takeover'].flatMap((offer) => agreed('7.1.1',
    'either no_context_takeover has no value, and is answered with itself', `${NAME}; ${offer}`, [offer])),
  ...agreed('7.1.1', 'a no_context_takeover with a value', null, ['server', 'client'].flatMap((side) =>
    ['1', 'true', '"x"', '15', 'server_no_context_takeover'].map((value) => `${side}_no_context_takeover=${value}`))),
  ...BITS.flatMap((bits) => agreed('7.1.2.1', 'server_max_window_bits is answered with no more',
    `${NAME}; server_max_window_bits=${bits}`,
    [`server_max_window_bits=${bits}`, `server_max_window_bits="${bits}"`, `server_max_window_bits = ${bits}`])),
  ...agreed('7.1.2.1', 'server_max_window_bits="1\\0" is 10', `${NAME}; server_max_window_bits=10`,
    ['server_max_window_bits="1\\0"']),
  ...agreed('7.1.2.1', 'server_max_window_bits without a value, or with another', null,
    ['server_max_window_bits', ...NO_BITS.map((value) => `server_max_window_bits=${value}`)]),
  ...agreed('7.1.2.2', 'client_max_window_bits, with and without a value, is not answered with a larger one', NAME,
    ['client_max_window_bits',
      ...BITS.flatMap((bits) => [`client_max_window_bits=${bits}`, `client_max_window_bits="${bits}"`])]),
  ...agreed('7.1.2.2', 'client_max_window_bits with another value', null,
    NO_BITS.map((value) => `client_max_window_bits=${value}`)),
  ...agreed('7.1.2.1', 'all four at once, in any order',
    `${NAME}; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=9`, [
    'client_max_window_bits; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=9',
    'server_no_context_takeover; client_no_context_takeover; server_max_window_bits=9; client_max_window_bits=12',
  ]),
  ...agreed('7.1', 'a parameter that comes twice declines the offer', null, [
    'server_no_context_takeover; server_no_context_takeover', 'client_no_context_takeover; client_no_context_takeover',
    'server_max_window_bits=10; server_max_window_bits=10', 'client_max_window_bits; client_max_window_bits=10',
    'client_max_window_bits; server_no_context_takeover; client_max_window_bits',
  ]),
  ...agreed('7.1', 'a parameter that is not defined declines the offer', null, [
    'foo', 'foo=1', 'server_max_window_bits=10; foo', 'constructor', '__proto__', '__proto__=8', 'toString',
    'hasOwnProperty=1', 'Server_No_Context_Takeover', 'server_max_window_bit=8', 'client_max_window',
  ]),
  ...agreed('5.1', 'the first offer that can be accepted is', `${NAME}; server_max_window_bits=10`, [
    `${NAME}; server_max_window_bits=10, ${NAME}; server_max_window_bits=12`,
    `${NAME}; server_max_window_bits=10, ${NAME}`,
    `${NAME}; server_max_window_bits=7, ${NAME}; server_max_window_bits=10`,
    `${NAME}; foo, ${NAME}; server_max_window_bits=10, ${NAME}`,
  ]),
  ...agreed('5.1', 'the first offer that can be accepted is', NAME, [`${NAME}, ${NAME}; server_max_window_bits=10`,
    `${NAME}; server_max_window_bits=99, ${NAME}`, `${NAME}; constructor, ${NAME}`]),
  ...agreed('7.1', 'where none can be, the connection goes on without', null,
    [`${NAME}; foo, ${NAME}; server_max_window_bits=7, ${NAME}; server_no_context_takeover=1`]),
  {
    section: 'RFC 7692 5.1', must: true, rule: 'offers come in several fields, too', flags: DEFLATE,
    request: offering('foo', `${NAME}; bar`, `${NAME}; server_max_window_bits=11`),
    fields: { 'Sec-WebSocket-Extensions': `${NAME}; server_max_window_bits=11` },
  },
  ...[
    { rule: 'nothing is accepted where nothing is offered', flags: DEFLATE, request: REQUEST },
    { rule: 'nothing is accepted without --deflate', request: offering(NAME) },
  ].map((one): Row => ({
    ...one, section: 'RFC 7692 5.1', must: true, fields: { 'Sec-WebSocket-Extensions': null },
    packets: [frame(1, 'x'.repeat(1000))], answers: [reply(1, 'x'.repeat(1000))],
  })),
];

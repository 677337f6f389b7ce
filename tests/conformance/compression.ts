/**
 * Counterparts of the Autobahn test suite's groups 12 and 13: compressed messages of five kinds, of ten lengths and
 * eight fragmentations, and of one kind with seven offers. Autobahn sends 1000 of each, which takes minutes.
 */
import { frame } from '../wire.ts';
import { DEFLATE, offering } from './deflate.ts';
import { chop, compress, fragments, noise, type Row, RSV1 } from './row.ts';

/** Bytes that one row sends, of at least two messages. */
const BUDGET = 64 * 1024;

/** Payload's length, and that of its fragments. */
const SIZES: [length: number, fragment: number][] = [
  ...[16, 64, 256, 1024, 4096, 8192, 16384, 32768, 65536, 131072].map((length): [number, number] => [length, Infinity]),
  ...[8192, 16384, 32768, 65536, 131072].map((length): [number, number] => [length, 256]),
  [131072, 1024], [131072, 4096], [131072, 32768],
];
/** Those that `npm test` plays: a short message, one in fragments, a long one in fragments. */
const QUICK = [1, 10, 17];

const WORDS = 'Habe nun ach Philosophie Juristerei und Medizin durchaus studiert mit heißem Bemühn'.split(' ');

function words(count: number): string[] {
  return [...noise(count, 7)].map((byte) => WORDS[byte % WORDS.length]!);
}

/** 150 KB each, as different as a book, a picture, a PDF, JSON and HTML are. */
const kinds: [name: string, opcode: number, make: () => Buffer][] = [
  ['a book', 2, () => Buffer.from(words(25_000).join(' '))],
  ['a picture', 2, () => Buffer.from(noise(150_000, 3).map((byte, i) => (byte & 7) + (i % 512 >> 2)))],
  ['noise', 2, () => noise(150_000, 5)],
  ['JSON', 1, () => Buffer.from(JSON.stringify(words(6000).map((name, id) => ({ id, name, size: id * 7 % 1000 }))))],
  ['HTML', 1, () => Buffer.from(words(10_000).map((word, i) => `<li class="item"><a href="/${i}">${word}</a></li>\n`)
    .join(''))],
];

function messagesOf(all: Buffer, opcode: number, length: number): Buffer[] {
  const ascii = opcode === 1 ? Buffer.from(all.toString('latin1').replace(/[\x80-\xff]/g, '?'), 'latin1') : all;
  const count = Math.min(1000, Math.max(2, Math.floor(BUDGET / length)));
  return Array.from({ length: count }, (_, i) => {
    const from = i * length % (ascii.length - length);
    return ascii.subarray(from, from + length);
  });
}

function row(group: string, [name, opcode, make]: typeof kinds[number], size: number, offer: string, bits: number): Row {
  const [length, fragment] = SIZES[size]!;
  const payloads = (): Buffer[] => messagesOf(make(), opcode, length);
  const section = bits === 15 ? 'RFC 7692 6.1' : 'RFC 7692 7.2.1';
  return {
    section, must: true, autobahn: `${group}.${size + 1}`, isLarge: !QUICK.includes(size), flags: DEFLATE, request: offering(offer),
    rule: `${name}, ${length} bytes a message${fragment === Infinity ? '' : `, ${fragment} a fragment`}: ${offer}`,
    fields: { 'Sec-WebSocket-Extensions': offer.replace('; client_max_window_bits', '').replace(/,.*/, '') },
    packets: () => payloads().map((payload) => {
      const packed = compress(payload);
      return fragment === Infinity ? frame(opcode, packed, { rsv: RSV1 })
        : Buffer.concat(fragments(opcode, chop(packed, fragment), { rsv: RSV1 }));
    }),
    answers: () => payloads().map((payload) => ({ opcode, payload, windowBits: bits })),
  };
}

const USUAL = 'permessage-deflate; client_no_context_takeover; client_max_window_bits';
const offers: [offer: string, bits: number][] = [
  [USUAL, 15],
  [`${USUAL}; server_no_context_takeover`, 15],
  [`${USUAL}; server_max_window_bits=8`, 8],
  [`${USUAL}; server_max_window_bits=15`, 15],
  [`${USUAL}; server_no_context_takeover; server_max_window_bits=8`, 8],
  [`${USUAL}; server_no_context_takeover; server_max_window_bits=15`, 15],
  [`${USUAL}; server_no_context_takeover; server_max_window_bits=8, ${USUAL}; server_no_context_takeover, ${USUAL}`, 8],
];

export const compression: Row[] = [
  ...kinds.flatMap((kind, i) => SIZES.map((_, size) => row(`12.${i + 1}`, kind, size, USUAL, 15))),
  ...offers.flatMap(([offer, bits], i) =>
    SIZES.map((_, size) => row(`13.${i + 1}`, kinds[3]!, size, offer, bits))),
];

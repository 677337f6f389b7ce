/**
 * Text that is UTF-8 and text that is not: RFC 6455 8.1, and group 6 of the Autobahn test suite, which plays Markus
 * Kuhn's UTF-8 decoder stress test. A sequence is written as its bytes, or made by its rule.
 */
import { hex } from '../helpers.ts';
import { frame } from '../wire.ts';
import { chop, fragments, glue, reply, type Row } from './row.ts';

const section = 'RFC 6455 8.1';
const GREEK = hex('cebae1bdb9cf83cebcceb5');

/** UTF-8's bits without its rules: any number in any count of bytes, also too many, also what is no code point. */
function encode(code: number, count: number): Buffer {
  const bytes = Buffer.alloc(count);
  for (let i = count - 1, rest = code; i >= 0; i--, rest = Math.floor(rest / 64)) bytes[i] = 0x80 | rest % 64;
  if (count === 1) return Buffer.of(code);
  bytes[0] = (0xff << 8 - count & 0xff) | Math.floor(code / 64 ** (count - 1));
  return bytes;
}

/** The largest number that fits into so many bytes. */
function last(count: number): number {
  return count === 1 ? 0x7f : 2 ** (5 * count + 1) - 1;
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

const cut = [2, 3, 4, 5, 6].flatMap((count) => [encode(0, count).subarray(0, -1),
  encode(last(count), count).subarray(0, -1)]);
// The smallest ones first, then the largest
const unfinished = [...cut.filter((_, i) => i % 2 === 0), ...cut.filter((_, i) => i % 2 === 1)];
const surrogates = [0xd800, 0xdb7f, 0xdb80, 0xdbff, 0xdc00, 0xdf80, 0xdfff];
const starts: [number, number][] = [[0xc0, 0xdf], [0xe0, 0xef], [0xf0, 0xf7], [0xf8, 0xfb], [0xfc, 0xfd]];

/** 6.5 to 6.23: what each is about, its texts in their order, and whether one is UTF-8. */
const groups: [about: string, texts: Buffer[], isText: (text: Buffer, index: number) => boolean][] = [
  ['some text', [0x24, 0xa2, 0x20ac, 0x24b62].map((code) => glue(`hello${String.fromCodePoint(code)}world`))
    .concat(GREEK), () => true],
  ['each beginning of a text', range(1, 12).map((count) => GREEK.subarray(0, count)),
    (_, i) => [2, 5, 7, 9, 11].includes(i + 1)],
  ['the first code point of a length', [encode(0, 1), encode(0x80, 2), encode(0x800, 3), encode(0x10000, 4)],
    () => true],
  ['the first of 5 and 6 bytes', [encode(0x200000, 5), encode(0x4000000, 6)], () => false],
  ['the last code point of a length', [encode(0x7f, 1), encode(0x7ff, 2), encode(0xffff, 3), encode(0x10ffff, 4)],
    () => true],
  ['the last of 4, 5 and 6 bytes', [4, 5, 6].map((count) => encode(last(count), count)), () => false],
  ['other borders', [0xd7ff, 0xe000, 0xfffd, 0x10ffff, 0x110000].map((code) => encode(code, code > 0xffff ? 4 : 3)),
    (_, i) => i < 4],
  ['a continuation byte alone', [Buffer.of(0x80), Buffer.of(0xbf),
    ...range(2, 7).map((count) => Buffer.alloc(count, hex('80bf'))),
    Buffer.from(range(0x80, 0xbf))], () => false],
  ['a first byte alone', starts.map(([from, to]) => Buffer.from(range(from, to).flatMap((byte) => [byte, 0x20]))),
    () => false],
  ['the last byte is missing', unfinished, () => false],
  ['all of those, joined', [glue(...unfinished)], () => false],
  ['bytes that never stand in UTF-8', ['fe', 'ff', 'fefeffff'].map(hex), () => false],
  ['a slash in too many bytes', range(2, 7).map((count) => encode(0x2f, count)), () => false],
  ['the largest in too many bytes', range(2, 7).map((count) => encode(last(count - 1), count)), () => false],
  ['NUL in too many bytes', range(2, 7).map((count) => encode(0, count)), () => false],
  ['half of a surrogate pair', surrogates.map((code) => encode(code, 3)), () => false],
  ['both halves', surrogates.slice(0, 4).flatMap((high) =>
    [0xdc00, 0xdfff].map((low) => glue(encode(high, 3), encode(low, 3)))), () => false],
  ['no characters, and yet code points',
    range(0, 17).flatMap((plane) => [0xfffe, 0xffff].map((low) => encode(plane * 0x10000 + low, plane === 0 ? 3 : 4))),
    () => true],
  ['special code points', range(0xfff9, 0x10000).map((code) => encode(code, 3)), () => true],
];

function said(text: Uint8Array): string {
  const digits = Buffer.from(text).toString('hex', 0, 16);
  return text.length > 16 ? `${digits}...` : digits || 'nothing';
}

/** A text in one frame or in fragments: it comes back, or 1007 does. */
function row(texts: (Buffer | string)[], isText: boolean, autobahn: string | null, about: string): Row {
  return {
    section, must: true, rule: `${about}: ${said(glue(...texts))}`, packets: fragments(1, texts),
    ...(isText ? { answers: [reply(1, glue(...texts))] } : { then: 1007 }), ...(autobahn === null ? {} : { autobahn }),
  };
}

const MIXED = Buffer.from('Hello-µ@ßöäüàá-UTF-8!!'), WRONG = glue(GREEK, hex('eda080'), 'edited');

/** The text is broken by its second part; of what follows nothing has been sent when the answer is there. */
function failsFast(autobahn: string, parts: [Buffer, Buffer], how: 'fragments' | 'one frame'): Row {
  const whole = frame(1, glue(...parts, 'edited')), first = 6 + parts[0].length, second = first + parts[1].length;
  const packets = how === 'fragments' ? fragments(1, [...parts, 'edited']).slice(0, -1)
    : [whole.subarray(0, first), whole.subarray(first, second)];
  return { section, must: true, rule: `bad text is refused in the middle of the message: ${how}`, packets, then: 1007,
    autobahn };
}

/** Each text cut short right behind the first byte that breaks it, in a frame that promises more. */
const early = ['80', 'c0', 'c1', 'c328', 'e080', 'e09f', 'e228', 'e28228', 'eda0', 'edbf', 'f080', 'f08f', 'f09028',
  'f0908028', 'f490', 'f5', 'ff'].map(hex);

export const utf8: Row[] = [
  row([''], true, '6.1.1', 'no text'),
  row(['', '', ''], true, '6.1.2', 'no text in three fragments'),
  row(['', 'middle frame payload', ''], true, '6.1.3', 'text in the second of three fragments'),
  row([MIXED], true, '6.2.1', 'text in one frame'),
  row([MIXED.subarray(0, 12), MIXED.subarray(12)], true, '6.2.2', 'text in two fragments, cut between code points'),
  row(chop(MIXED, 1), true, '6.2.3', 'text in fragments of one byte'),
  row(chop(GREEK, 1), true, '6.2.4', 'text in fragments of one byte'),
  row([WRONG], false, '6.3.1', 'a surrogate in one frame'),
  row(chop(WRONG, 1), false, '6.3.2', 'a surrogate in fragments of one byte'),
  ...(['fragments', 'one frame'] as const).flatMap((how, i) => [
    failsFast(`6.4.${2 * i + 1}`, [GREEK, hex('f4908080')], how),
    failsFast(`6.4.${2 * i + 2}`, [glue(GREEK, hex('f4')), hex('90')], how),
  ]),
  ...groups.flatMap(([about, texts, isText], i) =>
    texts.map((text, j) => row([text], isText(text, j), `6.${i + 5}.${j + 1}`, about))),
  // Beyond Autobahn: the same texts byte by byte, and in fragments of one byte
  ...groups.flatMap(([about, texts, isText]) => texts.map((text, j): Row => ({
    ...row([text], isText(text, j), null, `${about}, byte by byte`), packets: chop(frame(1, text), 1),
  }))),
  ...groups.flatMap(([about, texts, isText]) =>
    texts.map((text, j) => row(chop(text, 1), isText(text, j), null, `${about}, in fragments of one byte`))),
  ...early.flatMap((text) => {
    const begun = (bytes: Buffer): Buffer[] =>
      chop(bytes, 1).map((byte, i) => frame(i === 0 ? 1 : 0, byte, { fin: false }));
    const fails = (rule: string, packets: Buffer[]): Row =>
      ({ section, must: true, rule: `${rule}: ${said(text)}`, packets, then: 1007 });
    return [
      fails('refused at the byte that breaks it, in a frame that goes on',
        chop(frame(1, glue('abc', text, 'rest')).subarray(0, 9 + text.length), 1)),
      fails('refused at the fragment that breaks it', begun(text)),
      { ...fails('but not one byte sooner', [...begun(text.subarray(0, -1)), frame(9, 'still here')]),
        answers: [reply(10, 'still here')], then: 'client ends' as const },
    ];
  }),
];

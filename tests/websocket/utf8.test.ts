import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Utf8 } from '../../lib/websocket/utf8.ts';
import { FULL, hex } from '../helpers.ts';

/** RFC 3629 4, word for word: for each kind of code point the range of each of its bytes. */
const RFC_3629 = [
  '00-7f',
  'c2-df 80-bf',
  'e0-e0 a0-bf 80-bf', 'e1-ec 80-bf 80-bf', 'ed-ed 80-9f 80-bf', 'ee-ef 80-bf 80-bf',
  'f0-f0 90-bf 80-bf 80-bf', 'f1-f3 80-bf 80-bf 80-bf', 'f4-f4 80-8f 80-bf 80-bf',
].map((kind) => kind.split(' ').map((range) => hex(range.replace('-', ''))));

/** Every byte next to which a rule of RFC 3629 begins or ends. */
const EDGES = [...new Set(RFC_3629.flat().flatMap(([from, to]) => [from! - 1, from!, to!, to! + 1]))]
  .filter((byte) => byte >= 0 && byte <= 0xff);
const ALL = Array.from({ length: 256 }, (_, byte) => byte);

interface Judgement {
  /** Index of the first byte that no text has there; -1 where there is none. */
  bad: number;
  /** The text may end here. */
  whole: boolean;
}

/** Judges by the table. */
function judge(bytes: Uint8Array): Judgement {
  let rest: Buffer[] = [];
  for (const [i, byte] of bytes.entries()) {
    const kinds = rest.length > 0 ? [rest] : RFC_3629;
    const kind = kinds.find(([range]) => range![0]! <= byte && byte <= range![1]!);
    if (kind === undefined) return { bad: i, whole: false };
    rest = kind.slice(1);
  }
  return { bad: -1, whole: rest.length === 0 };
}

/** Pushes the bytes cut at these places, and expects what the table says. */
function check(bytes: Uint8Array, cuts: number[]): Judgement {
  const utf8 = new Utf8();
  const judgement = judge(bytes);
  const { bad, whole } = judgement;
  for (let from = 0, i = 0; i <= cuts.length; i++) {
    const to = cuts[i] ?? bytes.length;
    const isGood = bad === -1 || bad >= to;
    if (utf8.push(bytes.subarray(from, to)) !== isGood) {
      assert.fail(`${show(bytes, cuts)}: ${from} to ${to} was ${isGood ? 'refused' : 'taken'}`);
    }
    if (!isGood) return judgement;
    from = to;
  }
  if (utf8.end() !== whole) assert.fail(`${show(bytes, cuts)}: end() is ${!whole}`);
  return judgement;
}

function show(bytes: Uint8Array, cuts: number[]): string {
  return `${Buffer.from(bytes).toString('hex')} cut at ${cuts}`;
}

/** In one piece, byte by byte, cut at every byte in two, and in three, of which some are empty. */
function checkAllCuts(bytes: Uint8Array): void {
  check(bytes, []);
  check(bytes, ALL.slice(1, bytes.length));
  for (let first = 0; first <= bytes.length; first++) {
    for (let second = first; second <= bytes.length; second++) check(bytes, [first, second]);
  }
}

/** RFC 3629 7, RFC 6455 5.7. */
const SAMPLES: [string, Buffer][] = [
  ['A≢Α.', hex('41 e289a2 ce91 2e')],
  ['日本語', hex('e697a5 e69cac e8aa9e')],
  ['\ufeff\u{233b4}', hex('efbbbf f0a38eb4')],
  ['Hello', hex('48656c6c6f')],
];

test('RFC 3629 7: its samples are UTF-8, cut at every byte and byte by byte', () => {
  for (const [text, bytes] of SAMPLES) {
    assert.equal(bytes.toString(), text);
    assert.deepEqual(judge(bytes), { bad: -1, whole: true });
    checkAllCuts(bytes);
  }
});

describe('RFC 6455 8.1: push() refuses at the first byte that no text has there', () => {
  test('the table above says what TextDecoder says', () => {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    const takes = (bytes: Uint8Array): boolean => {
      try { return decoder.decode(bytes).length >= 0; } catch { return false; }
    };
    for (const [a, b] of ALL.flatMap((a) => EDGES.map((b) => [a, b] as const))) {
      for (const bytes of [Uint8Array.of(a, b), Uint8Array.of(a, b, 0x80), Uint8Array.of(a, b, 0x80, 0xbf)]) {
        assert.equal(judge(bytes).whole, takes(bytes), Buffer.from(bytes).toString('hex'));
      }
    }
  });

  test('at each byte of every code point: after each good beginning, all bytes that may be next', () => {
    let taken = 0;
    let beginnings: number[][] = [[]];
    // In the fourth place there is one rule left, and its edges are enough
    for (const alphabet of [ALL, ALL, FULL ? ALL : EDGES, [0x7f, 0x80, 0xbf, 0xc0]]) {
      const longer: number[][] = [];
      for (const beginning of beginnings) {
        for (const byte of alphabet) {
          const bytes = [...beginning, byte];
          const { bad, whole } = check(Uint8Array.from(bytes), [1, 2, 3].slice(0, beginning.length));
          if (whole) taken++;
          else if (bad === -1) longer.push(bytes);
        }
      }
      beginnings = longer;
    }
    if (!FULL) return;
    // All code points of one byte, two, and three without the surrogates; two for each beginning of one of four
    assert.equal(taken, 0x80 + (0x800 - 0x80) + (0x10000 - 0x800 - 0x800) + 0x100000 / 0x40 * 2);
  });

  test('in three bytes from the edges of the rules, however they are cut', () => {
    for (const a of EDGES) for (const b of EDGES) for (const c of EDGES) checkAllCuts(Uint8Array.of(a, b, c));
  });

  test('behind a long text, and in a piece that is a view on a larger buffer', () => {
    const text = Buffer.from('x'.repeat(999) + '😀');
    for (let cut = 999; cut <= 1003; cut++) {
      check(text, [cut]);
      check(Buffer.concat([Buffer.of(0xff), text]).subarray(1), [cut]);
      check(Buffer.concat([text.subarray(0, cut), Buffer.of(0xff)]), [cut]);
    }
  });
});

/** How far back a stream of deflate blocks refers (RFC 1951): zlib does not tell, and reads what leaves its window. */

const LENGTH_EXTRA = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const CODE_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/** A Huffman code: its length << 16 | its bits -> the symbol. */
type Code = Map<number, number>;

function codeOf(lengths: number[]): Code {
  const code: Code = new Map();
  for (let length = 1, next = 0; length <= 15; length++, next <<= 1) {
    lengths.forEach((one, symbol) => { if (one === length) code.set(length << 16 | next++, symbol); });
  }
  return code;
}

const FIXED = codeOf(Array.from({ length: 288 }, (_, i) => (i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8)));
const FIXED_DISTANCE = codeOf(Array<number>(30).fill(5));

class Bits {
  private readonly bytes: Uint8Array;
  private at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** Whether there is another block. */
  get left(): boolean {
    return this.bytes.length * 8 - this.at >= 3;
  }

  take(count: number): number {
    let number = 0;
    for (let i = 0; i < count; i++, this.at++) number |= (this.bytes[this.at >> 3]! >> (this.at & 7) & 1) << i;
    return number;
  }

  symbol(code: Code): number {
    for (let length = 1, bits = 0; length <= 15; length++) {
      bits = bits << 1 | this.take(1);
      const found = code.get(length << 16 | bits);
      if (found !== undefined) return found;
    }
    throw new Error('no such code');
  }

  skipStored(): void {
    this.at = (this.at + 7) & ~7;
    // The empty block at the end has lost its length: it is not sent
    if (this.at + 32 > this.bytes.length * 8) {
      this.at = this.bytes.length * 8;
    } else {
      const length = this.take(16);
      this.at += 16 + length * 8;
    }
  }
}

function readCodes(bits: Bits): [Code, Code] {
  const literals = bits.take(5) + 257, distances = bits.take(5) + 1, count = bits.take(4) + 4;
  const order = Array<number>(19).fill(0);
  for (let i = 0; i < count; i++) order[CODE_ORDER[i]!] = bits.take(3);
  const code = codeOf(order), lengths: number[] = [];
  while (lengths.length < literals + distances) {
    const symbol = bits.symbol(code);
    if (symbol < 16) lengths.push(symbol);
    else if (symbol === 16) lengths.push(...Array<number>(bits.take(2) + 3).fill(lengths.at(-1)!));
    else lengths.push(...Array<number>(symbol === 17 ? bits.take(3) + 3 : bits.take(7) + 11).fill(0));
  }
  return [codeOf(lengths.slice(0, literals)), codeOf(lengths.slice(literals))];
}

/** The largest distance in these blocks, 0 where there is none. */
export function furthest(bytes: Uint8Array): number {
  const bits = new Bits(bytes);
  let most = 0;
  while (bits.left) {
    bits.take(1);
    const type = bits.take(2);
    if (type === 0) {
      bits.skipStored();
      continue;
    }
    const [code, distanceCode] = type === 1 ? [FIXED, FIXED_DISTANCE] : readCodes(bits);
    for (let symbol; (symbol = bits.symbol(code)) !== 256;) {
      if (symbol < 256) continue;
      bits.take(LENGTH_EXTRA[symbol - 257]!);
      const slot = bits.symbol(distanceCode);
      const extra = slot < 4 ? 0 : (slot >> 1) - 1;
      most = Math.max(most, (slot < 4 ? slot : 2 + (slot & 1) << extra) + 1 + bits.take(extra));
    }
  }
  return most;
}

/** Counterparts of the Autobahn test suite's group 9: large messages, many fragments, many pieces, many messages. */
import { frame } from '../wire.ts';
import { chop, fragments, reply, type Row } from './row.ts';

const KIB = 1024, MIB = 1024 * 1024;

function big(autobahn: string, opcode: number, length: number, how: string, isLarge: boolean,
  packets: (payload: Buffer) => Buffer[]): Row {
  const payload = (): Buffer => Buffer.alloc(length, opcode === 1 ? 'BAsd7&jh23' : Buffer.of(0, 0xfe, 0x80, 7));
  return {
    section: 'RFC 6455 6.2', must: true, autobahn, isLarge, rule: `${length / KIB} KiB ${how}, opcode ${opcode}`,
    packets: () => packets(payload()), answers: () => [reply(opcode, payload())],
  };
}

function many(autobahn: string, opcode: number, length: number): Row {
  const payload = Buffer.alloc(length, '*');
  return {
    section: 'RFC 6455 6.2', must: true, autobahn, isLarge: length > KIB,
    rule: `1000 messages of ${length} bytes, opcode ${opcode}`,
    packets: () => [Buffer.concat(Array<Buffer>(1000).fill(frame(opcode, payload)))],
    answers: () => [Buffer.concat(Array<Buffer>(1000).fill(reply(opcode, payload)))],
  };
}

const sizes = [64 * KIB, 256 * KIB, MIB, 4 * MIB, 8 * MIB, 16 * MIB];
const fragmentSizes = [64, 256, KIB, 4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB, MIB, 4 * MIB];
const pieceSizes = [64, 128, 256, 512, KIB, 2 * KIB];
const lengths = [0, 16, 64, 256, KIB, 4 * KIB];

export const large: Row[] = [1, 2].flatMap((opcode) => [
  ...sizes.map((size, i) => big(`9.${opcode}.${i + 1}`, opcode, size, 'in one frame', size > MIB,
    (payload) => [frame(opcode, payload)])),
  ...fragmentSizes.map((size, i) => big(`9.${opcode + 2}.${i + 1}`, opcode, 4 * MIB, `in fragments of ${size} bytes`,
    size < 64 * KIB, (payload) => [Buffer.concat(fragments(opcode, chop(payload, size)))])),
  ...pieceSizes.map((size, i) => big(`9.${opcode + 4}.${i + 1}`, opcode, MIB, `in pieces of ${size} bytes`,
    size < 2 * KIB, (payload) => chop(frame(opcode, payload), size))),
  ...lengths.map((length, i) => many(`9.${opcode + 6}.${i + 1}`, opcode, length)),
]);

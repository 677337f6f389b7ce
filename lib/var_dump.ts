/** The console, as PHP's var_dump writes it. */
import { type Message, TEXT } from './frame.ts';
import { printable, printableBytes } from './printable.ts';

let lines = '';
let isOpen = true;

// `server.ts | head`: who reads our lines may leave; we go on serving without them.
process.stdout.on('error', () => { isOpen = false; });
process.on('exit', flush);

/**
 * PHP: prints a value with its type; for a string its length in bytes.
 * Node: process.stdout, one write for all the lines of a pass of the loop.
 * Differs: strings and messages only, and what would act on a terminal instead of showing on it is escaped. The length
 * is that of the string itself, as in PHP. A binary message shows its bytes.
 */
export function var_dump(value: string | Message): void {
  if (!isOpen) return;
  if (lines === '') process.nextTick(flush);
  if (typeof value === 'string') lines += `string(${Buffer.byteLength(value)}) "${printable(value)}"\n`;
  else lines += `string(${value.payload.length}) "${show(value)}"\n`;
}

function show({ opcode, payload }: Message): string {
  return opcode === TEXT ? printable(payload.toString()) : printableBytes(payload);
}

function flush(): void {
  if (lines !== '') process.stdout.write(lines);
  lines = '';
}

/** The console, as PHP's var_dump writes it. */
import { type Message, TEXT } from '../websocket/frame.ts';
import { log } from '../log.ts';
import { printable, printableBytes } from '../printable.ts';

/**
 * Bytes of one message that are shown, and of all messages of a pass; of a short one all the same, so that nobody's
 * long ones hide it. What is printed must not cost more than it is worth.
 */
const MOST_OF_ONE = 64 * 1024, MOST_OF_PASS = 256 * 1024, SHORT = 256;
/** Characters that are written at once, and bytes that may wait for a reader who does not read. */
const BATCH = 1024 * 1024, MOST_WAITING = 4 * 1024 * 1024;

let lines = '', count = 0, room = MOST_OF_PASS;
let lost = 0;
let isOpen = true;

// `server.ts | head`: who reads our lines may leave; we go on serving without them.
process.stdout.on('error', () => { isOpen = false; });
process.on('exit', endOfPass);

/**
 * PHP: prints a value with its type; for a string its length in bytes.
 * Node: process.stdout, one write for all the lines of a pass of the loop.
 * Differs: strings and messages only, and what would act on a terminal instead of showing on it is escaped; the length
 * is that of the string itself, as in PHP. A binary message shows its bytes. Of a long message only the beginning is
 * shown, with ... behind it. While nobody reads standard output, lines are lost, and counted on standard error.
 */
export function var_dump(value: string | Message): void {
  if (!isOpen) return;
  print(typeof value === 'string' ? `string(${Buffer.byteLength(value)}) "${printable(value)}"\n` : show(value));
}

/** Prints some text, with its last line's end, in its place among var_dump's lines. */
export function print(text: string): void {
  if (!isOpen) return;
  if (count === 0) process.nextTick(endOfPass);
  lines += text;
  count++;
  if (lines.length > BATCH) flush();
}

function show(message: Message): string {
  const { opcode, length } = message;
  let end = Math.min(length, MOST_OF_ONE, Math.max(room, SHORT));
  const payload = message.beginning(end + 1);
  // A character is shown whole or not at all
  if (opcode === TEXT) while (end < length && end > 0 && (payload[end]! & 0b1100_0000) === 0b1000_0000) end--;
  room -= end;
  const shown = payload.subarray(0, end);
  const text = opcode === TEXT ? printable(shown.toString()) : printableBytes(shown);
  return `string(${length}) "${text}"${end < length ? '...' : ''}\n`;
}

function endOfPass(): void {
  flush();
  room = MOST_OF_PASS;
}

function flush(): void {
  if (process.stdout.writableLength > MOST_WAITING) {
    if (lost === 0) log('standard output is not read: lines are lost');
    lost += count;
  } else if (lines !== '') {
    process.stdout.write(lines);
    if (lost > 0) log(`standard output was not read: ${lost} lines are lost`);
    lost = 0;
  }
  lines = '';
  count = 0;
}

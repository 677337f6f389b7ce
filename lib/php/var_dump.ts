/** The console, as PHP's var_dump writes it. */
import { log } from '../log.ts';
import { printable, printableBytes } from '../printable.ts';

/** Bytes that are printed in place of a string: a message of getMsg's is such a thing. */
export interface Printed {
  /** Bytes in all. */
  readonly length: number;
  /** UTF-8, or else any bytes. */
  readonly isText: boolean;
  /** The first `count` bytes, or all where there are fewer. */
  beginning(count: number): Uint8Array;
}

/**
 * Bytes of one message that are shown, and of all messages of a pass; but SHORT bytes of each in any case, so that
 * nobody's long messages hide short ones. What is printed must not cost more than it is worth.
 */
const MOST_OF_ONE = 64 * 1024, MOST_OF_PASS = 256 * 1024, SHORT = 256;
/** Characters that are written at once, and bytes that may wait for a reader who does not read. */
const BATCH = 1024 * 1024, MOST_WAITING = 4 * 1024 * 1024;

/** What waits for the end of the pass. */
let lines = '', count = 0, room = MOST_OF_PASS;
/** Lines that nobody has read. */
let lost = 0;
let isOpen = true;

/**
 * Whoever reads standard output may leave (`server.ts | head`): then nothing more is printed, and the program goes on.
 * To be called once, at the start.
 */
export function openConsole(): void {
  process.stdout.on('error', () => { isOpen = false; });
  process.on('exit', endOfPass);
}

/**
 * PHP: prints a value with its type; for a string its length in bytes.
 * Node: process.stdout, one write for all the lines of a pass of the loop.
 * Differs: strings and messages only. What would act on a terminal instead of showing on it is escaped; the length is
 * that of the string itself, as in PHP. A message that is no text shows its bytes. Of a long message the beginning is
 * shown, with ... behind it. While nobody reads standard output lines are lost, and counted on standard error.
 */
export function var_dump(value: string | Printed): void {
  if (!isOpen) return;
  print(typeof value === 'string' ? `string(${Buffer.byteLength(value)}) "${printable(value)}"\n` : show(value));
}

/** Prints some text, which ends its last line, in its place among var_dump's lines. */
export function print(text: string): void {
  if (!isOpen) return;
  if (count === 0) process.nextTick(endOfPass);
  lines += text;
  count++;
  if (lines.length > BATCH) flush();
}

function show(value: Printed): string {
  const { length, isText } = value;
  let end = Math.min(length, MOST_OF_ONE, Math.max(room, SHORT));
  const bytes = value.beginning(end + 1);
  // A character is shown whole or not at all
  if (isText) while (end < length && end > 0 && (bytes[end]! & 0b1100_0000) === 0b1000_0000) end--;
  room -= end;
  const shown = Buffer.from(bytes.buffer, bytes.byteOffset, end);
  return `string(${length}) "${isText ? printable(shown.toString()) : printableBytes(shown)}"${end < length ? '...' : ''}\n`;
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

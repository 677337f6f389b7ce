/** The console, as PHP's var_dump writes it. */
import { log, Output } from '../log.ts';
import { printable, printableBytes } from '../printable.ts';

/** What var_dump prints besides strings: a message of getMsg, for example. */
export interface Printed {
  /** Bytes in all. */
  readonly length: number;
  /** The bytes are UTF-8. */
  readonly isText: boolean;
  /** Returns the first `count` bytes, or all if there are fewer. */
  beginning(count: number): Uint8Array;
}

/** Bytes shown of one message, and of all messages of a pass. SHORT bytes of each message are always shown. */
const MOST_OF_ONE = 64 * 1024, MOST_OF_PASS = 256 * 1024, SHORT = 256;
/** Characters written at once. */
const BATCH = 1024 * 1024;

const stdout = new Output(1, 4 * 1024 * 1024);
/** Lines that wait for the end of the pass, and bytes of messages that the pass may still show. */
let lines = '', room = MOST_OF_PASS;
/** Lines that standard output did not take. */
let lost = 0;
let isQuiet = false;

/**
 * Call once, at the start: when the reader leaves (`server.ts | head`), the program goes on and prints nothing.
 * @param quiet var_dump prints nothing
 */
export function openConsole(quiet = false): void {
  isQuiet = quiet;
  stdout.open();
  process.on('exit', () => {
    flush();
    tellLost();
  });
}

/**
 * PHP: prints a value with its type, and a string with its length in bytes.
 * Node: process.stdout, one write for all the lines of a pass of the loop.
 * Differs: strings and messages only. Control and invisible characters are escaped; a message that is not text shows
 * its bytes; a long one shows its beginning and "...". Lines that standard output does not take are counted.
 */
export function var_dump(value: string | Printed): void {
  if (stdout.isGone || isQuiet) return;
  print(typeof value === 'string' ? `string(${Buffer.byteLength(value)}) "${printable(value)}"\n` : show(value));
}

/** Prints whole lines, in order with var_dump's. */
export function print(text: string): void {
  if (stdout.isGone) return;
  if (lines === '') process.nextTick(endOfPass);
  lines += text;
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
  const text = isText ? printable(shown.toString()) : printableBytes(shown);
  return `string(${length}) "${text}"${end < length ? '...' : ''}\n`;
}

function endOfPass(): void {
  flush();
  room = MOST_OF_PASS;
}

function flush(): void {
  if (lines === '') return;
  const dropped = stdout.write(lines);
  lines = '';
  if (dropped === 0) tellLost();
  else if (lost === 0) log(`standard output (${stdout.fault}): lines are dropped`);
  lost += dropped;
}

function tellLost(): void {
  if (lost > 0) log(`standard output (${stdout.fault}): ${lost} lines were dropped`);
  lost = 0;
}

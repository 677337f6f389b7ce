/** Lines on standard error, for whoever runs the server; and what may happen to it and to standard output. */
import { writeSync } from 'node:fs';
import { Socket } from 'node:net';

/** At most so many lines about clients in a second; the rest are counted. */
const MOST_REPORTS = 20;
/** A warning is not repeated for so many seconds; so many warnings are remembered. */
const WARNING_HOLDS = 60, MOST_WARNINGS = 100;

/** Standard output (1) or standard error (2): while nobody reads it, or its disk is full, lines are dropped. */
export class Output {
  /** The reader has left, and nothing is written any more. */
  isGone = false;
  /** Why it did not take lines. */
  fault = '';
  private readonly fd: 1 | 2;
  private readonly mostWaiting: number;
  /** The line break that is owed after a full disk has cut a line. */
  private ending = '';

  /** @param mostWaiting bytes that may wait while nobody reads */
  constructor(fd: 1 | 2, mostWaiting: number) {
    this.fd = fd;
    this.mostWaiting = mostWaiting;
  }

  /** Call once, at the start: a reader who leaves (`server.ts | head`) no longer ends the program. */
  open(): void {
    this.stream.on('error', () => { this.isGone = true; });
  }

  /** Writes whole lines. Returns how many of them were dropped. */
  write(lines: string): number {
    const { stream, fd, ending } = this;
    if (this.isGone) return 0;
    // A terminal or a pipe
    if (stream instanceof Socket) {
      this.fault = 'nobody reads';
      if (stream.writableLength > this.mostWaiting) return linesIn(lines);
      stream.write(lines);
      return 0;
    }
    // A file. Node's stream would be over at the first error, and a full disk may have room again
    const bytes = Buffer.from(ending + lines);
    let at = 0;
    try {
      while (at < bytes.length) at += writeSync(fd, bytes, at);
    } catch (error) {
      this.fault = (error as Error).message;
    }
    if (at > 0) this.ending = bytes[at - 1] === 0x0a ? '' : '\n';
    return linesIn(bytes.toString('latin1', Math.max(at, ending.length)));
  }

  /** Node makes a stream when it is asked for: not while this file is imported. */
  private get stream(): NodeJS.WriteStream {
    return this.fd === 1 ? process.stdout : process.stderr;
  }
}

const stderr = new Output(2, 1024 * 1024);
let lost = 0;
let reports = 0;
const warned = new Map<string, number>();

/** Call once, at the start: a reader who leaves no longer ends the program. */
export function openLog(): void {
  stderr.open();
  process.on('exit', endOfSecond);
}

/** Writes a line. While standard error does not take lines, they are dropped; their number is told later. */
export function log(line: string): void {
  if (lost > 0 && stderr.write(`standard error (${stderr.fault}): ${lost} lines were dropped\n`) === 0) lost = 0;
  lost += stderr.write(`${line}\n`);
}

/** Writes a line about a client. Of a flood only the number is told: "and 9,812 more in the last second". */
export function report(line: string): void {
  if (reports === 0) setTimeout(endOfSecond, 1000).unref();
  if (++reports <= MOST_REPORTS) log(line);
}

/** Writes a line about the machine or the server itself, at most once a minute. */
export function warn(line: string): void {
  const now = performance.now();
  if (now < (warned.get(line) ?? 0)) return;
  // The text of a fault may differ each time
  if (warned.size >= MOST_WARNINGS) warned.clear();
  warned.set(line, now + WARNING_HOLDS * 1000);
  log(line);
}

function endOfSecond(): void {
  const more = reports - MOST_REPORTS;
  reports = 0;
  if (more > 0) log(`and ${more.toLocaleString('en-US')} more in the last second`);
}

function linesIn(text: string): number {
  return text.split('\n').length - 1;
}

/** Lines on standard error, for whoever runs the server. */

/** Bytes that may wait while nobody reads standard error. */
const MOST_WAITING = 1024 * 1024;
/** At most so many lines about clients in a second; the rest are counted. */
const MOST_REPORTS = 20;
/** A warning is not repeated for so many seconds; so many warnings are remembered. */
const WARNING_HOLDS = 60, MOST_WARNINGS = 100;

let lost = 0;
let reports = 0;
const warned = new Map<string, number>();

/** Call once, at the start: a reader who leaves (`server.ts 2>&1 | head`) no longer ends the program. */
export function openLog(): void {
  process.stderr.on('error', () => {});
  process.on('exit', endOfSecond);
}

/** Writes a line. While nobody reads standard error, lines are dropped; their number is told later. */
export function log(line: string): void {
  if (process.stderr.writableLength > MOST_WAITING) {
    lost++;
    return;
  }
  if (lost > 0) process.stderr.write(`standard error was not read: ${lost} lines were dropped\n`);
  lost = 0;
  process.stderr.write(`${line}\n`);
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

/** Standard error: one line for whoever runs the server. */

/** Bytes that may wait for a reader who does not read. */
const MOST_WAITING = 1024 * 1024;
/** Lines about clients in one second; the others are counted. */
const MOST_REPORTS = 20;
/** Seconds for which a warning is not said again, and how many are remembered for that. */
const WARNING_HOLDS = 60, MOST_WARNINGS = 100;

let lost = 0;
let reports = 0;
const warned = new Map<string, number>();

/** Whoever reads standard error may leave (`server.ts 2>&1 | head`). To be called once, at the start. */
export function openLog(): void {
  process.stderr.on('error', () => {});
  process.on('exit', endOfSecond);
}

/** Writes a line. While nobody reads standard error lines are lost, and counted when it is read again. */
export function log(line: string): void {
  if (process.stderr.writableLength > MOST_WAITING) {
    lost++;
    return;
  }
  if (lost > 0) process.stderr.write(`standard error was not read: ${lost} lines are lost\n`);
  lost = 0;
  process.stderr.write(`${line}\n`);
}

/** Writes a line about a client. A flood of them is a count: "and 9,812 more in the last second". */
export function report(line: string): void {
  if (reports === 0) setTimeout(endOfSecond, 1000).unref();
  if (++reports <= MOST_REPORTS) log(line);
}

/** Writes a line about the machine, once and not again within a minute: it says nothing new. */
export function warn(line: string): void {
  const now = performance.now();
  if (now < (warned.get(line) ?? 0)) return;
  // A fault's text may be new each time
  if (warned.size >= MOST_WARNINGS) warned.clear();
  warned.set(line, now + WARNING_HOLDS * 1000);
  log(line);
}

function endOfSecond(): void {
  const more = reports - MOST_REPORTS;
  reports = 0;
  if (more > 0) log(`and ${more.toLocaleString('en-US')} more in the last second`);
}

/** Standard error: one line for whoever runs the server. */

/** Bytes that may wait for a reader who does not read. */
const MOST_WAITING = 1024 * 1024;

let lost = 0;

// `server.ts 2>&1 | head`: who reads our lines may leave; we go on serving without them.
process.stderr.on('error', () => {});

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

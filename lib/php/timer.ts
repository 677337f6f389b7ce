/** A timer that does not count the time for which this process was stopped (SIGSTOP, a debugger, a paused container). */

/** Parts of the time. A stop of the process counts as at most one part. */
const PARTS = 4;

/** Calls back when the process has run for so many seconds. Returns what cancels that. The process may end before. */
export function afterRunning(seconds: number, call: () => void): () => void {
  let left = PARTS, timer: NodeJS.Timeout;
  const wait = (): void => {
    timer = setTimeout(() => left-- > 1 ? wait() : call(), seconds * 1000 / PARTS).unref();
  };
  wait();
  return () => clearTimeout(timer);
}

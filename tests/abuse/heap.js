/**
 * Imported before the server: after SIGWINCH, which the server has no use for, it collects garbage and writes what is
 * left, in bytes: {"heap":5000000}. The resident set would also tell of memory that V8 and malloc give back late.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

process.on('SIGWINCH', () => {
  // The first one leaves ArrayBuffers to a thread of its own; the second waits for that
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  process.stderr.write(`{"heap":${heapUsed + external}}\n`);
});

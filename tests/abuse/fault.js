/**
 * Faults of the server's own, on purpose: imported before it, it breaks node:buffer's isUtf8 for two texts. One throws
 * while a client is served, the other a moment later, when nobody is.
 */
import buffer from 'node:buffer';
import { syncBuiltinESMExports } from 'node:module';

const { isUtf8 } = buffer;

buffer.isUtf8 = (bytes) => {
  const text = bytes.length < 100 ? Buffer.from(bytes).toString() : '';
  if (text === 'a fault inside') throw new Error('on purpose, inside');
  if (text === 'a fault outside') setImmediate(() => { throw new Error('on purpose, outside'); });
  return isUtf8(bytes);
};
syncBuiltinESMExports();

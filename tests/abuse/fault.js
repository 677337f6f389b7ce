/**
 * Faults of the server's own, on purpose: imported before it, it breaks node:zlib's deflateRawSync for two texts. One
 * throws while a client is served, the other a moment later, when nobody is.
 */
import { syncBuiltinESMExports } from 'node:module';
import zlib from 'node:zlib';

const { deflateRawSync } = zlib;

zlib.deflateRawSync = (bytes, options) => {
  const text = Buffer.from(bytes.subarray(0, 20)).toString();
  if (text.startsWith('a fault inside')) throw new Error('on purpose, inside');
  if (text.startsWith('a fault outside')) setImmediate(() => { throw new Error('on purpose, outside'); });
  return deflateRawSync(bytes, options);
};
syncBuiltinESMExports();

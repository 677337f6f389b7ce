/**
 * What every client plays and what it must report. scenes.json is the list: texts as they are, binary messages by their
 * length. Their byte i is i % 251: a prime, so that nothing moved by a masking key, a frame or a chunk looks the same.
 */
import { createHash } from 'node:crypto';
import scenes from './scenes.json' with { type: 'json' };

type Message = (typeof scenes.messages)[number];

/** A text as it came back, a binary message as its length and digest: a megabyte is no help in a failed comparison. */
function echoOf(message: Message): string | { binary: number; sha256: string } {
  if (typeof message === 'string') return message;
  const bytes = Uint8Array.from({ length: message.binary }, (_, i) => i % 251);
  return { binary: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}

const echoes = scenes.messages.map(echoOf);

/** The messages come twice: one after the other, each when the last has come back, then all at once. */
export const expected = { answers: [...echoes, ...echoes], close: { wasClean: true, ...scenes.close } };

/** Of clients that can send a ping; the browser's API cannot. */
export const expectedWithPing = { ...expected, pong: scenes.ping };

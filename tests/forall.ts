/**
 * Properties: what has to hold for any bytes at all is tried on many.
 *
 *     CASES=1000000 npm test            more of them, in all the tests together
 *     SEED=123 npm test                 the same ones again
 *     SEED=123 CASE=45 npm test         that one alone
 */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { FULL, type Random, randomFrom, seedOf } from './helpers.ts';

/** Of all the property tests together. */
export const CASES = wholeOf('CASES') ?? (FULL ? 100_000 : 20_000);
const ONLY = wholeOf('CASE');
/** Bytes that a failed case shows of itself. */
const SHOWN = 400;

/** What is tried: the bytes, and whatever else is known about them. */
export interface Case {
  bytes: Uint8Array;
}

/**
 * Makes `share` of all cases and checks each. A case depends on the seed and on its own number only, so that one can
 * be replayed without the others.
 * @param atOnce how many may be under way together, where `check` waits for something
 */
export async function forAll<C extends Case>(
  t: TestContext, share: number, make: (random: Random) => C, check: (one: C, random: Random) => void | Promise<void>,
  atOnce = 1,
): Promise<void> {
  const seed = seedOf(t), next = randomFrom(seed);
  const count = ONLY === undefined ? Math.ceil(CASES * share) : ONLY + 1;
  t.diagnostic(`CASES=${CASES}: ${count} here`);
  let index = 0;

  const work = async (): Promise<void> => {
    while (index < count) {
      const number = index++, random = randomFrom(next(2 ** 32));
      if (ONLY !== undefined && number !== ONLY) continue;
      let one: C | null = null;
      try {
        one = make(random);
        const checked = check(one, random);
        // Most cases wait for nothing; a turn of the event loop for each would cost more than they do
        if (checked !== undefined) await checked;
      } catch (error) {
        // The others end too, or they would go on behind the test that has failed
        index = count;
        throw new Error(explain(seed, number, one, error), { cause: error });
      }
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: atOnce }, work));
  for (const one of ended) if (one.status === 'rejected') throw one.reason;
}

function explain(seed: number, number: number, one: Case | null, error: unknown): string {
  const why = error instanceof Error ? error.message : String(error);
  const lines = [`SEED=${seed} CASE=${number} replays this one: ${why}`];
  if (one !== null) {
    const { buffer, byteOffset, length } = one.bytes;
    const more = length > SHOWN ? `... (${length} bytes)` : '';
    lines.push(`bytes: ${Buffer.from(buffer, byteOffset, length).toString('hex', 0, SHOWN)}${more}`);
  }
  return lines.join('\n');
}

function wholeOf(name: string): number | undefined {
  const text = process.env[name];
  if (text === undefined) return undefined;
  assert.match(text, /^\d+$/, `${name}=${text} is no whole number`);
  return Number(text);
}

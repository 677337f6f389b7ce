/** Properties: what has to hold for any bytes at all is tried on many. SEED=123 npm test tries the same ones again. */
import type { TestContext } from 'node:test';
import { FULL, type Random, randomFrom, seedOf } from './helpers.ts';

/** Of all the property tests together. */
export const CASES = FULL ? 100_000 : 20_000;

/**
 * Makes `share` of all cases and checks each. What a case is depends on the seed and on its own number only.
 * @param atOnce how many may be under way together, where `check` waits for something
 */
export async function forAll<C extends { bytes: Uint8Array }>(
  t: TestContext, share: number, make: (random: Random) => C, check: (one: C, random: Random) => void | Promise<void>,
  atOnce = 1,
): Promise<void> {
  const seed = seedOf(t), next = randomFrom(seed), count = Math.ceil(CASES * share);
  let index = 0;
  const work = async (): Promise<void> => {
    while (index < count) {
      const number = index++, random = randomFrom(next(2 ** 32)), one = make(random);
      try {
        const checked = check(one, random);
        // Most cases wait for nothing; a turn of the event loop for each would cost more than they do
        if (checked !== undefined) await checked;
      } catch (error) {
        // The others end too, or they would go on behind the test that has failed
        index = count;
        const why = error instanceof Error ? error.message : String(error);
        const bytes = Buffer.from(one.bytes).toString('hex', 0, 400);
        throw new Error(`SEED=${seed}, case ${number}: ${why}\n${one.bytes.length} bytes: ${bytes}`, { cause: error });
      }
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: atOnce }, work));
  for (const one of ended) if (one.status === 'rejected') throw one.reason;
}

/** Properties: what has to hold for any bytes at all is tried on many. SEED=123 npm test tries the same ones again. */
import type { TestContext } from 'node:test';
import { FULL, type Random, randomFrom, seedOf } from './helpers.ts';

/** Of all the property tests together. */
const CASES = FULL ? 100_000 : 20_000;

/** Makes `share` of all cases and checks each. What a case is depends on the seed and on its own number only. */
export async function forAll<C extends { bytes: Uint8Array }>(
  t: TestContext, share: number, make: (random: Random) => C, check: (one: C, random: Random) => void | Promise<void>,
): Promise<void> {
  const seed = seedOf(t), next = randomFrom(seed);
  for (let number = 0; number < CASES * share; number++) {
    const random = randomFrom(next(2 ** 32)), one = make(random);
    try {
      await check(one, random);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const bytes = Buffer.from(one.bytes).toString('hex', 0, 400);
      throw new Error(`SEED=${seed}, case ${number}: ${why}\n${one.bytes.length} bytes: ${bytes}`, { cause: error });
    }
  }
}

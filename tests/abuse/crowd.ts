/** Does this `count` times, at most `together` at a time; resolves to what came of each. */
export async function crowd<T>(count: number, one: (number: number) => Promise<T>, together = 100): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let number; (number = next++) < count;) results[number] = await one(number);
  };
  await Promise.all(Array.from({ length: Math.min(together, count) }, work));
  return results;
}

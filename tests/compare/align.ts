/** Two lists, each in its own order, with what belongs together side by side. */

/** What stands side by side; one of the two may be empty. */
export interface Group<L, R> {
  left: L[];
  right: R[];
}

/** By what a thing is known, and how much each of it tells. */
export type Keys = Map<string, number>;

/** Below this, what two have in common is chance: `socket` is everywhere. */
const ENOUGH = 0.6;

/**
 * The order-preserving pairs with the most in common (Needleman and Wunsch, 1970). What is left over on the left joins
 * the pair below or above where it has enough in common with that too: PHP often takes more statements for one. What is
 * left over on the right stands alone, as it is what the port has more.
 * @returns all of both lists, in order
 */
export function align<L, R>(
  left: L[], right: R[], keysOfL: (one: L) => Keys, keysOfR: (one: R) => Keys,
): Group<L, R>[] {
  const score = scorer(left.map(keysOfL), right.map(keysOfR));
  const partners = pair(left.length, right.length, score);
  const joins = (i: number, beside: number | undefined): void => {
    if (partners[i] === undefined && beside !== undefined && score(i, beside) > 0) partners[i] = beside;
  };
  for (let i = left.length - 2; i >= 0; i--) joins(i, partners[i + 1]);
  for (let i = 1; i < left.length; i++) joins(i, partners[i - 1]);

  const groups: Group<L, R>[] = [];
  let shown = 0;
  const showUntil = (end: number): void => {
    while (shown < end) groups.push({ left: [], right: [right[shown++]!] });
  };
  left.forEach((one, i) => {
    const partner = partners[i];
    if (partner === undefined) groups.push({ left: [one], right: [] });
    else if (partner < shown) groups.at(-1)!.left.push(one);
    else {
      showUntil(partner);
      groups.push({ left: [one], right: [right[shown++]!] });
    }
  });
  showUntil(right.length);
  return groups;
}

/** What the two at i and j have in common, 0 where it is not enough. A key tells the less the more often it occurs. */
function scorer(left: Keys[], right: Keys[]): (i: number, j: number) => number {
  const [often, oftenRight] = [left, right].map((all) => {
    const counts = new Map<string, number>();
    for (const keys of all) for (const key of keys.keys()) counts.set(key, (counts.get(key) ?? 0) + 1);
    return counts;
  });
  return (i, j) => {
    let sum = 0;
    for (const [key, weight] of left[i]!) {
      if (right[j]!.has(key)) sum += weight / Math.sqrt(often!.get(key)! * oftenRight!.get(key)!);
    }
    // Of equals the first. In whole numbers, as sums of others depend on their order
    return sum < ENOUGH ? 0 : Math.round(sum * 1000) * 1e6 - i - j;
  };
}

/** For each on the left the one on the right that is its own, if any. */
function pair(left: number, right: number, score: (i: number, j: number) => number): (number | undefined)[] {
  // The most that can be had from i and j on
  const best = Array.from({ length: left + 1 }, () => new Array<number>(right + 1).fill(0));
  for (let i = left - 1; i >= 0; i--) {
    for (let j = right - 1; j >= 0; j--) {
      best[i]![j] = Math.max(best[i + 1]![j]!, best[i]![j + 1]!, score(i, j) + best[i + 1]![j + 1]!);
    }
  }
  const partners = new Array<number | undefined>(left).fill(undefined);
  for (let i = 0, j = 0; i < left && j < right;) {
    if (best[i]![j] === best[i + 1]![j]) i++;
    else if (best[i]![j] === best[i]![j + 1]) j++;
    else partners[i++] = j++;
  }
  return partners;
}

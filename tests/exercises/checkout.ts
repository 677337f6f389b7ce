/** A learner's checkout: server.ts with additions, in a folder of its own. */
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Ended, folder, run, TOP } from '../helpers.ts';
import { type Addition, apply } from './solutions.ts';

export const CLI = 'tests/exercises/exercise.ts';

/** A folder in which server.ts can be run, with these files beside lib. */
export async function house(t: TestContext, files: Record<string, string>): Promise<string> {
  const path = await folder(t);
  await cp(join(TOP, 'lib'), join(path, 'lib'), { recursive: true });
  await cp(join(TOP, 'package.json'), join(path, 'package.json'));
  for (const [name, text] of Object.entries(files)) await writeFile(join(path, name), text);
  return path;
}

/** server.ts as it is. */
export function original(): Promise<string> {
  return readFile(join(TOP, 'server.ts'), 'utf8');
}

/** What `npm run exercise -- NUMBER` says of server.ts with these additions. */
export async function checked(t: TestContext, number: number, additions: Addition[]): Promise<Ended> {
  const path = await house(t, { 'server.ts': apply(await original(), additions) });
  return run(CLI, `${number}`, '--server', join(path, 'server.ts'));
}

/**
 * Plays the table's MUSTs against other servers, each a process of its own with its defaults, and prints how many each
 * holds. Usage: npm run conformance -- [--only TEXT] [--peer 'NAME=COMMAND with {port}']...
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { OtherServer } from '../others/other_server.ts';
import { given, type Other, ourselves, php, python, ws } from '../others/others.ts';
import { type Asked, asked, FAMILIES, type Family } from './peers/asked.ts';
import { judge, type Verdict } from './peers/judge.ts';

/** Rows that are played at a time, each worker with a server of its own: one that dies takes no other row with it. */
const WORKERS = 8;

interface Score {
  name: string;
  families: Partial<Record<Family, { held: number; asked: number }>>;
  failures: { rule: string; why: string }[];
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1));

/** The article's own loop, as it stands there but for where it listens. */
function article(): Other | null {
  const server = php(fileURLToPath(new URL('../../../shared/article.md', import.meta.url)));
  return server && { ...server, name: `the article, ${server.name}` };
}

/** Each row with its verdict. A server that has failed a row is started anew: nobody knows what is left of it. */
async function play(rows: Asked[], command: string): Promise<[Asked, Verdict][]> {
  const queue = [...rows], verdicts: [Asked, Verdict][] = [];
  const work = async (): Promise<void> => {
    let server = await OtherServer.start(command);
    for (let one; (one = queue.shift()) !== undefined;) {
      let verdict = await judge(one, server.port);
      if (!await server.isAlive()) verdict = { why: 'its process has ended, and all its clients with it' };
      verdicts.push([one, verdict]);
      if (typeof verdict === 'string') continue;
      await server.stop('SIGKILL');
      server = await OtherServer.start(command);
    }
    await server.stop('SIGKILL');
  };
  await Promise.all(Array.from({ length: Math.min(WORKERS, rows.length) }, work));
  return verdicts;
}

async function score({ name, plain, deflate }: Other, rows: Asked[]): Promise<Score> {
  const one: Score = { name, families: {}, failures: [] };
  const verdicts = [
    ...await play(rows.filter((row) => !row.deflate), plain),
    ...await play(rows.filter((row) => row.deflate && (deflate !== null || !row.family.startsWith('permessage-deflate'))),
      deflate ?? plain),
  ];
  for (const [{ family, name: rule }, verdict] of verdicts) {
    if (verdict === 'not asked') continue;
    const count = one.families[family] ??= { held: 0, asked: 0 };
    count.asked++;
    if (verdict === 'held') count.held++;
    else one.failures.push({ rule, ...verdict });
  }
  return one;
}

function table(scores: Score[]): string {
  const cells = FAMILIES.map((family) => [family, ...scores.map(({ families }) => {
    const count = families[family];
    return count === undefined ? 'none' : `${count.held}/${count.asked}`;
  })]);
  const head = ['MUSTs held / asked', ...scores.map(({ name }) => name)];
  const rule = head.map((_, i) => (i === 0 ? '---' : '--:'));
  return [head, rule, ...cells].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

const { values } = parseArgs({ options: {
  only: { type: 'string', default: '' },
  peer: { type: 'string', multiple: true, default: [] },
} });
const peers = [ourselves('--quiet'), ws(), python(), article(), ...values.peer.map(given)].filter((one) => one !== null)
  .filter(({ name }) => name.includes(values.only));
const rows = asked();
const scores: Score[] = [];
for (const peer of peers) {
  try {
    scores.push(await score(peer, rows));
  } catch (error) {
    console.error(`${peer.name} is left out: ${error instanceof Error ? error.message : String(error)}`);
  }
}
console.log(table(scores));
const failures = scores.find(({ name }) => name === 'this server')?.failures ?? [];
for (const { rule, why } of failures) console.error(`FAILED: ${rule}: ${why}`);
process.exit(failures.length > 0 ? 1 : 0);

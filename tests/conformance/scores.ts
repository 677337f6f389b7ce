/**
 * Plays the table's MUSTs against other servers, each a process of its own with its defaults, and prints how many each
 * holds. Usage: npm run conformance -- [--peer 'NAME=COMMAND with {port}']...
 */
import { fileURLToPath } from 'node:url';
import { readArgs } from '../helpers.ts';
import { OtherServer } from '../others/other_server.ts';
import { PhpError, phpProgram } from '../compare/php.ts';
import { given, missing, type Other, ourselves, php, python, ws } from '../others/others.ts';
import { type Asked, asked, FAMILIES } from './peers/asked.ts';
import { judge, type Verdict } from './peers/judge.ts';

/** Rows that are played at a time, each worker with a server of its own: one that dies takes no other row with it. */
const WORKERS = 8;

type Score = { column: string[]; failures: string[] };

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1));

/** The article's own loop, as it stands there but for where it listens. */
async function article(): Promise<Other | null> {
  try {
    const server = php(await phpProgram(fileURLToPath(new URL('../../../shared/article.md', import.meta.url))));
    return server && { ...server, name: `the article, ${server.name}` };
  } catch (error) {
    if (!(error instanceof PhpError)) throw error;
    return missing(error.message);
  }
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

/** One column of the table. */
async function score({ name, plain, deflate }: Other, rows: Asked[]): Promise<Score> {
  const cells = new Map(FAMILIES.map((family) => [family, { held: 0, asked: 0 }])), failures: string[] = [];
  const verdicts = [
    ...await play(rows.filter((row) => !row.deflate), plain),
    ...await play(rows.filter(({ deflate: asks, family }) =>
      asks && (deflate !== null || !family.startsWith('permessage-deflate'))), deflate ?? plain),
  ];
  for (const [{ family, name: rule }, verdict] of verdicts) {
    if (verdict === 'not asked') continue;
    const count = cells.get(family)!;
    count.asked++;
    if (verdict === 'held') count.held++;
    else failures.push(`FAILED: ${rule}: ${verdict.why}`);
  }
  const counts = [...cells.values()].map(({ held, asked }) => asked === 0 ? 'none' : `${held}/${asked}`);
  return { column: [name, '--:', ...counts], failures };
}

const { values } = readArgs("Usage: npm run conformance -- [--peer 'NAME=COMMAND with {port}']...", { options: { peer: { type: 'string', multiple: true, default: [] } } });
const peers = [ourselves('--quiet'), ws(), python(), await article(), ...values.peer.map(given)];
const rows = asked(), columns = [['MUSTs held / asked', '---', ...FAMILIES]];
for (const peer of peers.filter((one) => one !== null)) {
  try {
    const { column, failures } = await score(peer, rows);
    columns.push(column);
    if (peer.name !== 'this server' || failures.length === 0) continue;
    console.error(failures.join('\n'));
    process.exitCode = 1;
  } catch (error) {
    console.error(`${peer.name} is left out: ${error instanceof Error ? error.message : String(error)}`);
  }
}
console.log(columns[0]!.map((_, i) => `| ${columns.map((column) => column[i]).join(' | ')} |`).join('\n'));
process.exit();

/**
 * All that can be tested, in full size: attacks, real clients, the comparison, the exercises, the benchmark, a soak, and
 * other Nodes. Usage: npm run test:all [-- --only WORD] [--node PATH]...
 *
 * A part that lacks a program says so; where CI is set, that is a failure.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readArgs, TYPESCRIPT } from './helpers.ts';

/** The article's own PHP, when it is beside the checkout. */
const ARTICLE = '../shared/article.md';

/** The test files of these folders, '' for the top one. */
function filesOf(...folders: string[]): string[] {
  return folders.map((folder) => `tests/${folder}`.replace(/\/$/, '')).flatMap((path) =>
    readdirSync(path).filter((name) => name.endsWith('.test.ts')).map((name) => `${path}/${name}`));
}

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
/** What `npm test` runs. */
const PRODUCT = filesOf('', 'php', 'websocket', 'limits', 'program', 'trace', 'abuse');

const node = [process.execPath, ...TYPESCRIPT];
/** Ten times as long for one test as the longest takes on a quiet machine. */
const flags = ['--test', '--test-reporter=dot', '--test-timeout=900000'];
const test = (files: string[], ...more: string[]): string[] => [...node, ...flags, ...more, ...files];
const install = (folder: string): string[] => ['npm', 'ci', '--silent', '--ignore-scripts', '--prefix', `tests/${folder}`];

const { values } = readArgs('Usage: npm run test:all [-- --only WORD] [--node PATH]...', { options: {
  only: { type: 'string', default: '' }, node: { type: 'string', multiple: true, default: [] },
} });

/** Node counts lines exactly where it reads TypeScript itself, from 22.18 on. */
const exact = [process.execPath, ...values.node].find((path) =>
  String(spawnSync(path, ['-p', 'Boolean(process.features.typescript)']).stdout).trim() === 'true');

/** Commands of each part, one after the other; the first that fails ends it. */
const PARTS: Record<string, string[][]> = {
  types: [['npx', 'tsc', '--noEmit']],
  product: [test(PRODUCT)],
  exercises: [test(filesOf('exercises', 'lesson'), '--test-concurrency=3')],
  compare: [test(filesOf('compare'), '--test-concurrency=2'),
    ...(existsSync(ARTICLE) ? [[...node, 'tests/compare/compare.ts', ARTICLE]] : [])],
  clients: [install('clients'), test(filesOf('clients'), '--test-concurrency=2')],
  conformance: [[...node, 'tests/conformance/scores.ts']],
  bench: [install('bench'), install('bench/runtimes'), test(filesOf('bench'))],
  soak: [[...node, 'tests/abuse/soak.ts']],
  // Of another Node, what `npm test` proves is enough; of the one that counts lines, coverage proves it
  ...Object.fromEntries(values.node.filter((path) => path !== exact).map((path) => [`node ${path}`,
    [['env', '-u', 'TESTS', `PATH=${dirname(path)}${delimiter}${process.env['PATH']}`, 'npm', 'test']]])),
  ...(exact === undefined ? {} : { coverage: [['env', '-u', 'TESTS', exact, ...flags, '--experimental-test-coverage',
    '--test-coverage-include=lib/**/*.ts', '--test-coverage-include=server.ts', '--test-coverage-lines=95',
    ...PRODUCT]] }),
};

const chosen = Object.entries(PARTS).filter(([name]) => name.includes(values.only));
if (chosen.length === 0) {
  console.error(`--only '${values.only}' is none of: ${Object.keys(PARTS).join(', ')}`);
  process.exit(2);
}
const verdicts = chosen.map(([name, commands]) => {
  console.log(`\n== ${name}`);
  const start = performance.now(), env = { ...process.env, TESTS: 'all' };
  const isGreen = commands.every(([command, ...args]) =>
    spawnSync(command!, args, { env, stdio: 'inherit' }).status === 0);
  return `${isGreen ? 'passed' : 'FAILED'}  ${name}, ${Math.round((performance.now() - start) / 1000)} s`;
});
console.log(`\n${verdicts.join('\n')}`);
process.exitCode = verdicts.every((line) => line.startsWith('passed')) ? 0 : 1;

/**
 * All that can be tested, in full size: attacks, real clients, the comparison, the exercises, the benchmark, a soak, and
 * other Nodes. Usage: npm run test:all [-- --only WORD] [--node PATH]...
 *
 * A part that lacks a program says so; where CI is set, that is a failure.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { TYPESCRIPT } from './helpers.ts';

const TOP = fileURLToPath(new URL('..', import.meta.url));
/** The article's own PHP, when it is beside the checkout. */
const ARTICLE = '../shared/article.md';

/** Commands, one after the other; the first that fails ends the part. */
type Part = [name: string, commands: string[][]];

/** The test files of these folders, '' for the top one. */
function filesOf(...folders: string[]): string[] {
  return folders.flatMap((folder) => {
    const path = folder === '' ? 'tests' : `tests/${folder}`;
    return readdirSync(`${TOP}/${path}`).filter((name) => name.endsWith('.test.ts')).map((name) => `${path}/${name}`);
  });
}

/** What `npm test` runs. */
const PRODUCT = filesOf('', 'php', 'websocket', 'limits', 'program', 'trace', 'abuse');

/** Milliseconds for one test, ten times what the longest takes on a quiet machine. */
const LIMIT = '--test-timeout=900000';
const node = [process.execPath, ...TYPESCRIPT];
const test = (files: string[], ...more: string[]): string[] => [...node, '--test', '--test-reporter=dot', LIMIT, ...more, ...files];
const install = (folder: string): string[] => ['npm', 'ci', '--silent', '--ignore-scripts', '--prefix', `tests/${folder}`];

const { values } = parseArgs({ options: { only: { type: 'string', default: '' }, node: { type: 'string', multiple: true } } });

/** Node counts lines exactly where it reads TypeScript itself, from 22.18 on. */
const exact = [process.execPath, ...values.node ?? []].find((path) => {
  const { stdout } = spawnSync(path, ['-p', 'Boolean(process.features.typescript)'], { encoding: 'utf8' });
  return stdout.trim() === 'true';
});

const PARTS: Part[] = [
  ['types', [['npx', 'tsc', '--noEmit']]],
  ['product', [test(PRODUCT)]],
  ['exercises', [test(filesOf('exercises'), '--test-concurrency=3')]],
  ['compare', [test(filesOf('compare')), [...node, 'tests/compare/compare.ts'],
    ...(existsSync(`${TOP}/${ARTICLE}`) ? [[...node, 'tests/compare/compare.ts', ARTICLE]] : [])]],
  ['clients', [install('clients'), test(filesOf('clients'))]],
  ['conformance', [[...node, 'tests/conformance/scores.ts']]],
  ['bench', [install('bench'), test(filesOf('bench'))]],
  ['soak', [[...node, 'tests/abuse/soak.ts']]],
  ...(values.node ?? []).map((path): Part => [`node ${versionOf(path)}`, [['npm', 'test']]]),
  ...(exact === undefined ? [] : [['coverage', [[exact, '--test', '--test-reporter=dot', '--experimental-test-coverage',
    '--test-coverage-include=lib/**/*.ts', '--test-coverage-include=server.ts', '--test-coverage-lines=95', ...PRODUCT]]] as Part]),
];

function versionOf(path: string): string {
  return spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout.trim();
}

/** Runs one part; true when all of its commands end with status 0. */
function play([name, commands]: Part): boolean {
  const other = (values.node ?? []).find((path) => name === `node ${versionOf(path)}`);
  const path = other === undefined ? process.env['PATH'] : `${dirname(other)}:${process.env['PATH']}`;
  // Of another Node, what `npm test` proves is enough
  const env = { ...process.env, PATH: path, ...(other === undefined && name !== 'coverage' ? { TESTS: 'all' } : {}) };
  return commands.every(([command, ...args]) => {
    const { status, error } = spawnSync(command!, args, { cwd: TOP, env, stdio: 'inherit' });
    if (error !== undefined) console.error(error.message);
    return status === 0;
  });
}

const chosen = PARTS.filter(([name]) => name.includes(values.only));
if (chosen.length === 0) {
  console.error(`--only '${values.only}' is none of: ${PARTS.map(([name]) => name).join(', ')}`);
  process.exit(2);
}
const verdicts = chosen.map((part) => {
  console.log(`\n== ${part[0]}`);
  const start = performance.now(), isGreen = play(part);
  const line = `${isGreen ? 'passed' : 'FAILED'}  ${part[0]}, ${Math.round((performance.now() - start) / 1000)} s`;
  console.log(line);
  return line;
});
console.log(`\n${verdicts.join('\n')}`);
process.exitCode = verdicts.every((line) => line.startsWith('passed')) ? 0 : 1;

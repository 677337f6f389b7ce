/**
 * Plays the same scenes to a PHP server and to server.ts, and shows where they agree and where they differ.
 * Usage: see --help.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type Language, LANGUAGES, languageOf, TOP, TYPESCRIPT } from '../helpers.ts';
import { blockOf, OUR_PHP, PhpError, phpProgram, phpVersion } from './php.ts';
import { isFor, judge, NONE, play, type Result, unseenOf } from './outcome.ts';
import type { Launch } from './server_process.ts';
import { view } from './scene_view.ts';
import { handshake } from './scenes/shaking_hands.ts';
import { leaving } from './scenes/leaving.ts';
import { many } from './scenes/many.ts';
import { messages } from './scenes/sending.ts';
import { pairs } from './source.ts';
import { titlesOf, toColumns, toHtml } from './source_view.ts';
import { type Scene, StageError } from './scene_stage.ts';
import { summary, toJson, toMarkdown, toTable } from './table.ts';

const HELP = `Plays the same scenes to a PHP server and to server.ts, and shows what came back and what each printed.

Usage: npm run compare -- [options] [PATH]

  PATH            a .php file that starts a server, or Markdown whose last block of PHP does
                  (without it: tests/compare/select_server.php). The port in its text gives way to a free one
  --port N        play against port N of the program as it is, where its text shows no port
  --scene NAME    this scene only, with all its bytes and both consoles; may be given more than once
  --markdown      README's table, and that of README.zh-CN.md
  --json          everything, for programs: npm run -s compare -- --json
  --chinese       in Chinese
  --english       in English (without either: in the terminal's language)
  --server FILE   another server.ts
  --source        no scenes: the two loops side by side
  --html FILE     the same as an HTML page
  --help          print this

Exit status: 0 when all is as README's departures say, 1 when a difference is not among them or one of them did not
show, 2 when it cannot be played. The departures are those of the article's server: with any other the status is 0,
whatever comes of the scenes.
`;

const SCENES: Scene[] = [...handshake, ...messages, ...leaving, ...many];
const SERVER = `${TOP}/server.ts`;

/** Milliseconds for a whole run, whatever the servers do: the scenes that are left then are not played. */
const MOST = 900_000;

/** A wrong command line, or something that cannot be played: one line, exit status 2. */
function giveUp(message: string): never {
  console.error(`compare: ${message}`);
  process.exit(2);
}

function options() {
  try {
    return parseArgs({ allowPositionals: true, options: {
      scene: { type: 'string', multiple: true, default: [] }, json: { type: 'boolean', default: false }, markdown: { type: 'boolean', default: false },
      ...LANGUAGES, server: { type: 'string', default: SERVER },
      source: { type: 'boolean', default: false }, html: { type: 'string' }, port: { type: 'string' }, help: { type: 'boolean', default: false },
    } });
  } catch (error) {
    return giveUp(`${(error as Error).message.split(/\n|\. /)[0]} (--help lists all)`);
  }
}

function chosen(names: string[]): Scene[] {
  const unknown = names.find((name) => !SCENES.some((scene) => scene.name === name));
  const all = SCENES.map(({ name }) => name).join(', ');
  if (unknown !== undefined) giveUp(`there is no scene '${unknown}': they are ${all}`);
  return names.length === 0 ? SCENES : SCENES.filter(({ name }) => names.includes(name));
}

/** npm runs us from the top; what the user typed is meant from where they are. */
function fromUser(path: string): string {
  return resolve(process.env['INIT_CWD'] ?? '.', path);
}

function serverProgram(file: string): Launch {
  return {
    name: 'server.ts', command: process.execPath, folder: TOP, file,
    args: (port) => [...TYPESCRIPT, file, '--address', '127.0.0.1', '--port', String(port)],
  };
}

/** The two loops side by side: on the terminal, or as a page. */
function showSource(path: string, server: string, html: string | undefined, width: number, language: Language): void {
  const { code, first } = blockOf(path), ts = readFileSync(server, 'utf8');
  const all = pairs(code, ts, first), pages = { php: basename(path), ts: basename(server), language, titles: titlesOf(ts, language) };
  if (html === undefined) {
    const { stdout } = process;
    console.log(toColumns(all, pages, width, stdout.isTTY && stdout.hasColors()));
    return;
  }
  try {
    writeFileSync(fromUser(html), toHtml(all, pages));
  } catch (error) {
    giveUp(`cannot write ${html}: ${(error as NodeJS.ErrnoException).code}`);
  }
}

async function main(): Promise<number> {
  const { values, positionals } = options();
  const language = languageOf(values);
  const width = process.stdout.columns ?? (Number(process.env['COLUMNS']) || 120);
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  if (positionals.length > 1) giveUp(`one PATH, not ${positionals.length} (--help lists all)`);
  const path = positionals[0] === undefined ? OUR_PHP : fromUser(positionals[0]);
  const server = fromUser(values.server);
  if (!existsSync(server)) giveUp(`cannot read ${values.server}`);
  if (values.source || values.html !== undefined) {
    showSource(path, server, values.html, width, language);
    return 0;
  }

  const scenes = chosen(values.scene), port = values.port === undefined ? undefined : Number(values.port);
  if (port !== undefined && !(port >= 1 && port <= 65535)) giveUp(`--port takes a number from 1 to 65535, not '${values.port}'`);
  phpVersion();
  const php = await phpProgram(path, port), ts = serverProgram(server);
  for (const note of php.behaviour?.notes ?? []) console.error(`compare: ${note[language]}`);
  const results: Result[] = [], { stderr } = process;
  const isLate = sleep(MOST, null, { ref: false });
  for (const scene of scenes) {
    if (stderr.isTTY) stderr.write(`${scene.name}\r`);
    const both = isFor(scene, php) ? [play(scene, php), play(scene, ts, scene.flags)] as const : [NONE, NONE] as const;
    const played = await Promise.race([Promise.all(both), isLate]);
    if (played === null) break;
    results.push(judge(scene, ...played, php));
    if (stderr.isTTY) stderr.write('\x1b[K');
  }
  const isArticles = php.isArticles === true;
  const unseen = isArticles ? unseenOf(results, results.length === SCENES.length) : [];
  const last = summary(results, unseen, isArticles, language);
  const isRight = unseen.length === 0 && results.every(({ why }) => why === null);
  if (values.json) console.log(toJson(results, unseen));
  else if (values.markdown) console.log(`${toMarkdown(results, 'en')}\n\n${toMarkdown(results, 'zh')}`);
  else if (values.scene.length > 0) console.log(results.map((one) => view(one, width, language)).join('\n\n\n'));
  else console.log(`${toTable(results, width, language)}\n\n${last}`);
  if (!isRight && (values.json || values.markdown || values.scene.length > 0)) console.error(last);
  if (results.length === scenes.length) return isRight || !isArticles ? 0 : 1;
  return giveUp(`not over after ${MOST / 1000} seconds. Not played: ${scenes.slice(results.length).map(({ name }) => name).join(', ')}`);
}

// The servers end with us, whichever way: they are stopped on 'exit', which a signal alone would not bring
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(2));
// `| head` has read enough
process.stdout.on('error', () => process.exit());

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof PhpError) && !(error instanceof StageError)) throw error;
  giveUp(error.message);
}

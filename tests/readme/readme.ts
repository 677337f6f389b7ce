/**
 * Makes what README shows of the source anew: the parts between `<!-- begin NAME -->` and `<!-- end NAME -->`, and the
 * pictures. Usage: npx tsx tests/readme/readme.ts [--check]
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { traceInPipe, traceOnTerminal, tracePicture, wordsOf } from '../lesson/trace.ts';
import { type Language, PARTS, TOP } from './parts.ts';

const PAGES: [file: string, language: Language][] = [['README.md', 'en'], ['README.zh-CN.md', 'zh']];
const PICTURES = `${TOP}/tests/pictures`;

/** A page with its parts made anew. */
async function made(file: string, language: Language): Promise<string> {
  let text = readFileSync(`${TOP}/${file}`, 'utf8');
  for (const [, name] of text.matchAll(/^<!-- begin (.*?) -->$/gm)) {
    const make = PARTS[name!], begin = `<!-- begin ${name} -->\n`, end = `\n<!-- end ${name} -->`;
    const from = text.indexOf(begin) + begin.length, to = text.indexOf(end, from);
    if (make === undefined || to < 0) throw new Error(`${file}: there is no part '${name}', or no end of it`);
    text = text.slice(0, from) + await make(language) + text.slice(to);
  }
  return text;
}

/** What the page's picture is made of. A browser's pixels differ from machine to machine, so this is compared. */
function pageDigest(): string {
  const hash = createHash('sha256');
  for (const name of ['page.html', 'words.ts']) hash.update(readFileSync(`${TOP}/lib/trace/${name}`));
  return `${hash.digest('hex')}\n`;
}

const read = (file: string): string => existsSync(file) ? readFileSync(file, 'utf8') : '';

/** The names of all that is not as `npx tsx tests/readme/readme.ts` makes it. */
export async function staleParts(): Promise<string[]> {
  const stale: string[] = [];
  for (const [file, language] of PAGES) if (await made(file, language) !== read(`${TOP}/${file}`)) stale.push(file);
  const words = (await traceInPipe()).map((line) => line.replaceAll(' ', ''));
  if (wordsOf(read(`${PICTURES}/trace.svg`)).join('\n') !== words.join('\n')) stale.push('tests/pictures/trace.svg');
  if (read(`${PICTURES}/page.png.sha256`) !== pageDigest()) stale.push('tests/pictures/page.png');
  return stale;
}

async function makeAll(): Promise<void> {
  for (const [file, language] of PAGES) writeFileSync(`${TOP}/${file}`, await made(file, language));
  writeFileSync(`${PICTURES}/trace.svg`, tracePicture(await traceOnTerminal()));
  // A screenshot takes a browser
  const args = [...process.execArgv, '--test', 'tests/clients/page_picture.ts'];
  const { status, stdout } = spawnSync(process.execPath, args, { cwd: TOP, encoding: 'utf8' });
  if (status === 0) writeFileSync(`${PICTURES}/page.png.sha256`, pageDigest());
  else console.error(`tests/pictures/page.png is as it was: it takes Chromium, and npm ci --prefix tests/clients\n${stdout}`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  if (!process.argv.includes('--check')) await makeAll();
  const stale = await staleParts();
  for (const name of stale) console.error(`${name} is not as \`npx tsx tests/readme/readme.ts\` makes it`);
  if (stale.length > 0) process.exitCode = 1;
}

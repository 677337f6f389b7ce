/**
 * Makes what the pages show of the source anew: the parts between `<!-- begin NAME -->` and `<!-- end NAME -->`, and the
 * pictures. A part 'printed by COMMAND' stays as it is. Usage: npx tsx tests/readme/readme.ts
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { wholePage } from '../../lib/trace/page.ts';
import { TOP } from '../helpers.ts';
import { type Page, PAGES } from './pages.ts';
import { PARTS, read } from './parts.ts';
import { tracePicture } from './trace.ts';

/** Where it is noted what the page's picture is made of. */
const DIGEST = 'tests/pictures/page.png.sha256';

/** A page with its parts made anew. */
async function made({ file, language, text }: Page): Promise<string> {
  for (const [, name] of text.matchAll(/^<!-- begin (.*?) -->$/gm)) {
    const make = PARTS[name!], begin = `<!-- begin ${name} -->\n`, end = `\n<!-- end ${name} -->`;
    const from = text.indexOf(begin) + begin.length, to = text.indexOf(end, from);
    if (to < 0) throw new Error(`${file}: the part '${name}' has no end`);
    if (name!.startsWith('printed by ')) continue;
    if (make === undefined) throw new Error(`${file}: there is no part '${name}'`);
    text = text.slice(0, from) + await make(language) + text.slice(to);
  }
  return text;
}

/** All that is made without a browser, by its file. */
async function makeFiles(): Promise<Map<string, string>> {
  const files = new Map([['tests/pictures/trace.svg', await tracePicture()]]);
  for (const page of PAGES) files.set(page.file, await made(page));
  return files;
}

/** What the page's picture is made of. A browser's pixels differ from machine to machine, so this is compared. */
function pageDigest(): string {
  return `${createHash('sha256').update(wholePage()).update(read('lib/trace/words.ts')).digest('hex')}\n`;
}

/** The names of all that is not as `npx tsx tests/readme/readme.ts` makes it. */
export async function staleParts(): Promise<string[]> {
  const files = (await makeFiles()).set(DIGEST, pageDigest());
  return [...files].filter(([file, text]) => read(file) !== text).map(([file]) => file);
}

async function makeAll(): Promise<void> {
  for (const [file, text] of await makeFiles()) writeFileSync(`${TOP}/${file}`, text);
  // A screenshot takes a browser
  const args = [...process.execArgv, '--test', 'tests/clients/page_picture.ts'];
  const { status, stdout } = spawnSync(process.execPath, args, { cwd: TOP, encoding: 'utf8' });
  if (status === 0) writeFileSync(`${TOP}/${DIGEST}`, pageDigest());
  else console.error(`tests/pictures/page.png is as it was: it takes Chromium, and npm ci --prefix tests/clients\n${stdout}`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await makeAll();
}

/** Any PHP server, made to run here: a .php file, or the last block of PHP in a Markdown file. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../helpers.ts';
import { NotPlayable, tryOut } from './behaviour.ts';
import type { Launch } from './server_process.ts';

/** The PHP server of this folder. */
export const OUR_PHP = fileURLToPath(new URL('select_server.php', import.meta.url));
const [CODEC, LOAD] = ['codec.php', 'load.php'].map((name) => fileURLToPath(new URL(name, import.meta.url)));
/** SHA-1 of the article's code, without its white space. */
const ARTICLE = 'cb2604c0bad863eab9cca7e20b3eab22084a1d37';

/** What a program begins with. */
const TAG = /<\?(?:php\b|=|\s)/, FIRST = new RegExp(`^\\s*(?:#!.*\\n)?${TAG.source}`);
/** PHP reads <? only where it is told to; a program that begins with it is meant to be read. */
const SHORT = /^\s*<\?\s/;
/** A block of Markdown: its fence, its language, its code. */
const BLOCK = /^[ \t]*(```+|~~~+)[ \t]*\{?\.?(\w*)[^\n]*\n([^]*?)^[ \t]*\1/gm;
const OPENS = /\b(?:socket_create|socket_create_listen|stream_socket_server)\b/;
/** What it prints, it prints like this on any machine. */
const SETTINGS = ['display_errors=1', 'log_errors=0', 'html_errors=0', 'error_reporting=-1'].flatMap((one) => ['-d', one]);
/** Numbers of one program that may be its port. */
const CANDIDATES = 8;

/** It cannot be played. The message says why and what to do. */
export class PhpError extends Error {
  override name = 'PhpError';
}

/** PHP's version. @throws PhpError where PHP or one of its parts is missing */
export function phpVersion(): string {
  const test = 'echo !extension_loaded("sockets") ? "sockets extension" : (class_exists("PhpToken") ? PHP_VERSION : "PhpToken, as PHP 8 has");';
  const { status, stdout, error } = spawnSync('php', ['-r', test]);
  if (error || status !== 0) throw new PhpError('PHP is missing: install it (Debian: apt-get install php-cli)');
  const version = String(stdout).trim();
  if (!/^\d/.test(version)) throw new PhpError(`This PHP has no ${version}: enable or install it`);
  return version;
}

/**
 * The PHP code of a file: of Markdown, that of the last block of PHP that opens a socket, or of the last one.
 * @returns the code as it stands there, and its first line's number in the file
 * @throws PhpError
 */
export function blockOf(path: string): { code: string; first: number } {
  const text = textOf(path);
  if (FIRST.test(text) || (/\.php$/i.test(path) && TAG.test(text))) return { code: text, first: 1 };
  const blocks = [...text.matchAll(BLOCK)].filter(([, , language, code]) => /^php$/i.test(language!) || (language === '' && FIRST.test(code!)));
  const block = blocks.findLast(([, , , code]) => OPENS.test(code!)) ?? blocks.at(-1);
  if (block === undefined) throw new PhpError(`${path} has no PHP: neither <?php first, nor a block \`\`\`php`);
  return { code: block[3]!, first: text.slice(0, block.index).split('\n').length + 1 };
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EISDIR') throw new PhpError(`Cannot read ${path}${code === 'ENOENT' ? '' : `: ${code}`}`);
    const files = readdirSync(path).filter((name) => /\.php$/i.test(name)).slice(0, 5);
    throw new PhpError(`${path} is a folder: name the file that starts the server${files.length > 0 ? ` (${files.join(', ')})` : ''}`);
  }
}

/** Whether the departures are those of this program: it is the article's, or the left page of this folder. */
export function isArticles(path: string, code: string): boolean {
  return path === OUR_PHP || createHash('sha1').update(code.replace(/\s/g, '')).digest('hex') === ARTICLE;
}

/**
 * The server of this file, ready to be started with any port. Code that uses $argv itself gets ADDRESS and PORT there;
 * the port in the text of other code is found by a first start.
 * @param port play against this one of the program as it is
 * @throws PhpError
 */
export async function phpProgram(file: string, port?: number): Promise<Launch> {
  const path = resolve(file), { code, first: line } = blockOf(path);
  const lines = line === 1 ? '1' : `${line}-${line + code.split('\n').length - 2}`;
  // Code that requires nothing and has no getMsg of its own means ours
  const isWhole = /\b(?:require|include)(?:_once)?[\s(]*(?:['"$]|__DIR__|dirname)|\bfunction\s+&?getMsg\b/i.test(code) || !/\bgetMsg\s*\(/.test(code);
  const launch = (how: (port: number | string) => string, takesArguments: boolean): Launch => ({
    name: 'PHP', command: 'php', folder: dirname(path), file: path, fixedPort: port, isArticles: isArticles(path, code),
    args: (port) => [
      ...SETTINGS, ...(SHORT.test(code) ? ['-d', 'short_open_tag=1'] : []), LOAD!, how(port), lines, isWhole ? '-' : CODEC!, path, ...(takesArguments ? ['127.0.0.1', String(port)] : []),
    ],
  });
  const free: number[] = [];
  while (free.length <= CANDIDATES) free.push(await freePort());
  const [first, ...others] = free as [number, ...number[]], find = port === undefined ? `find:${others.join(',')}` : 'as-is';
  const start = async (takesArguments: boolean): Promise<Launch> => {
    const { found, behaviour } = await tryOut(launch(() => find, takesArguments), port ?? first);
    return { ...launch(found === null ? () => 'as-is' : (port) => `take:${found.number}:${port}:${found.files}`, takesArguments), behaviour };
  };
  const mayTake = port === undefined && /\$argv\b|\bgetopt\s*\(|['"]argv['"]/.test(code);
  // It may read something else there
  return (mayTake ? start(true).catch(() => start(false)) : start(false)).catch((error: unknown) => {
    throw error instanceof NotPlayable ? new PhpError(error.message.replaceAll('FILE', basename(path))) : error;
  });
}

/** Any PHP server, made to run here: a .php file, or the last block of PHP in a Markdown file. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Launch } from './server_process.ts';

/** The PHP server of this folder. */
export const OUR_PHP = fileURLToPath(new URL('select_server.php', import.meta.url));
const CODEC = fileURLToPath(new URL('codec.php', import.meta.url));

/** What a program begins with. */
const TAG = /^\s*(?:#!.*\n)?<\?(?:php\b|=)/;

/** It cannot be played. The message says why and what to do. */
export class PhpError extends Error {
  override name = 'PhpError';
}

/** PHP's version. @throws PhpError where PHP or its sockets are missing */
export function phpVersion(): string {
  const { status, stdout, error } = spawnSync('php', ['-r', 'echo extension_loaded("sockets") ? PHP_VERSION : "";']);
  if (error || status !== 0) throw new PhpError('PHP is missing: install it (Debian: apt-get install php-cli)');
  const version = String(stdout).trim();
  if (version === '') throw new PhpError('This PHP has no sockets extension: enable or install it');
  return version;
}

/**
 * The PHP code of a file: of Markdown, that of the last block whose language is php.
 * @returns the code as it stands there, and its first line's number in the file
 * @throws PhpError
 */
export function blockOf(path: string): { code: string; first: number } {
  if (!existsSync(path)) throw new PhpError(`Cannot read ${path}`);
  const text = readFileSync(path, 'utf8');
  if (TAG.test(text)) return { code: text, first: 1 };
  const block = [...text.matchAll(/^[ \t]*```[ \t]*php[ \t]*\r?\n([^]*?)^[ \t]*```/gmi)].at(-1);
  if (block === undefined) throw new PhpError(`${path} has no PHP: neither <?php first, nor a block \`\`\`php`);
  return { code: block[1]!, first: text.slice(0, block.index).split('\n').length + 1 };
}

/**
 * The same code with the port that `$argv[2]` names in place of its own, on 127.0.0.1, and with our getMsg and buildMsg
 * where it has none. Code that uses $argv itself gets ADDRESS and PORT there, and is not changed for that.
 * @param path where it comes from, for __DIR__
 * @throws PhpError where no port can be found
 */
function prepare(code: string, path: string): string {
  let ready = code;
  if (!/\$argv\b/.test(code)) {
    const port = '(int) $argv[2]';
    ready = code.replace(/(\$port\s*=\s*)(?:(['"])\d+\2|\d+)/, `$1${port}`);
    if (ready === code) ready = code.replace(/(\bsocket_bind\s*\([^;]*?,\s*)(?:(['"])\d+\2|\d+)(\s*\))/, `$1${port}$3`);
    if (ready === code) throw new PhpError(`${path} shows no port: neither $port = 8081; nor one in socket_bind(...)`);
    ready = ready.replace(/(['"])0\.0\.0\.0\1/g, '$argv[1]');
  }
  ready = ready.replace(/\b__DIR__\b/g, () => `'${dirname(path).replace(/['\\]/g, '\\$&')}'`);
  const codec = /\bfunction\s+&?getMsg\b/i.test(code) || /codec\.php/.test(code) ? '' : `require '${CODEC}';\n`;
  return ready.replace(/<\?php\b\s*/, (tag) => `${tag.trimEnd()}\n${codec}`);
}

/** The server of this file, ready to be started. @throws PhpError */
export function phpProgram(file: string): Launch {
  const path = resolve(file);
  const { code } = blockOf(path);
  const folder = mkdtempSync(join(tmpdir(), 'compare-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const program = join(folder, basename(path).replace(/(?:\.php|\.md)?$/, '.php'));
  writeFileSync(program, prepare(TAG.test(code) ? code : `<?php\n${code}`, path));
  // What it prints, it prints like this on any machine
  const settings = ['-d', 'display_errors=1', '-d', 'log_errors=0', '-d', 'html_errors=0', '-d', 'error_reporting=-1'];
  return {
    name: 'PHP', command: 'php', folder: dirname(path),
    args: (port) => [...settings, program, '127.0.0.1', String(port)],
  };
}

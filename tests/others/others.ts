/** The servers that ours is held against: those that this machine has, and how each is started. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { OUR_PHP, PhpError, phpVersion } from '../compare/php.ts';
import type { Launch } from '../compare/server_process.ts';

export interface Other {
  name: string;
  /** A shell's command line, with {port}. */
  plain: string;
  /** The same with permessage-deflate; null where it has none. */
  deflate: string | null;
}

const OURS = { command: 'php', args: (port: number | string) => [OUR_PHP, '127.0.0.1', `${port}`] };
const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** A line for what is left out, and why. */
export function missing(reason: string): null {
  console.error(reason);
  return null;
}

/** This server on a Node of its own, or that of this process. */
export function ourselves(flags = '', node = process.execPath): Other {
  const plain = `"${node}" --import tsx server.ts ${flags} --address 127.0.0.1 --port {port}`;
  return { name: 'this server', plain, deflate: `${plain} --deflate` };
}

/** npm's ws with its defaults. */
export function ws(): Other | null {
  const manifest = here('../clients/node_modules/ws/package.json');
  if (!existsSync(manifest)) return missing('ws is missing: npm ci --prefix tests/clients');
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  const plain = `"${process.execPath}" "${here('ws_echo.js')}" {port}`;
  return { name: `ws ${version}`, plain, deflate: `${plain} deflate` };
}

export function python(): Other | null {
  const program = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';
  const { status, stdout } = spawnSync(program, ['-c', 'import websockets.version as v; print(v.version)']);
  if (status !== 0) return missing('Python\'s websockets is missing: apt-get install python3-websockets');
  const command = `${program} "${here('python_echo.py')}" {port}`;
  return { name: `Python websockets ${String(stdout).trim()}`, plain: command, deflate: command };
}

/** The comparison's PHP server, or another program. */
export function php({ command, args }: Pick<Launch, 'command' | 'args'> = OURS): Other | null {
  try {
    const plain = [command, ...args('{port}')].map((part) => `"${part}"`).join(' ');
    return { name: `PHP ${phpVersion()}`, plain, deflate: null };
  } catch (error) {
    if (!(error instanceof PhpError)) throw error;
    return missing(error.message);
  }
}

/** One that the user names. @throws Error where the text names none */
export function given(text: string): Other {
  const [, name, command] = /^([^=]+)=(.*\{port\}.*)$/.exec(text) ?? [];
  if (name === undefined || command === undefined) {
    throw new Error(`--peer '${text}' is no server: give NAME=COMMAND with {port} in it`);
  }
  return { name, plain: command, deflate: command };
}

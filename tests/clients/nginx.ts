/** nginx with README's own configuration, in a folder of its own, on free ports, as whoever runs the tests. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { Child } from '../child.ts';
import { folder, freePort } from '../helpers.ts';
import type { Where } from '../wire.ts';
import { find, missing } from './installed.ts';

export interface Nginx {
  program: Child;
  /** ws:// */
  plain: Where;
  /** wss:// */
  secure: Where;
  /** Where the two servers are to listen: the paths of Unix sockets. */
  sockets: [string, string];
  /** The file of the certificate that signed itself, PEM. */
  certificate: string;
}

/**
 * Started and listening. `changes` replaces lines of nginx.conf for one test: old text -> new.
 * @returns null where nginx or openssl is not there: then the test is skipped
 */
export async function startNginx(t: TestContext, changes: Record<string, string> = {}): Promise<Nginx | null> {
  const nginx = find(['nginx', '/usr/sbin/nginx'], '-v'), openssl = find(['openssl'], 'version');
  if (nginx === null) return missing(t, 'nginx', 'apt-get install nginx-light');
  if (openssl === null) return missing(t, 'openssl', 'apt-get install openssl');

  const top = await folder(t), at = (name: string): string => join(top, name);
  const certificate = at('echo.crt');
  // A throw-away certificate for 127.0.0.1, which signs itself
  const { status } = spawnSync(openssl, ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256',
    '-nodes', '-days', '1', '-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1',
    '-keyout', at('echo.key'), '-out', certificate]);
  assert.equal(status, 0);
  // nginx cannot be asked to take some. These were free a moment ago, both at once
  const [port, securePort] = await Promise.all([freePort(), freePort()]);
  await mkdir(at('tmp'));
  let config = await readFile(new URL('nginx.conf', import.meta.url), 'utf8');
  for (const [from, to] of Object.entries({
    'user www-data;': `user ${userInfo().username};`,
    'http {\n': `http {\n${OWN_FILES}`,
    'unix:/run/echo/': `unix:${top}/`,
    'listen 80 ': `listen 127.0.0.1:${port} `,
    'listen 443 ': `listen 127.0.0.1:${securePort} `,
    '/etc/nginx/': `${top}/`,
    ...changes,
  })) {
    assert.ok(config.includes(from), `nginx.conf has: ${from}`);
    config = config.replaceAll(from, to);
  }
  await writeFile(at('nginx.conf'), config);

  const main = `daemon off; pid ${at('pid')}; error_log stderr notice;`;
  const program = new Child(t, nginx, ['-p', top, '-c', at('nginx.conf'), '-e', 'stderr', '-g', main]);
  // The listening sockets are there before the first worker is
  await program.says('stderr', /start worker process \d/);
  const host = '127.0.0.1';
  return {
    program, certificate, sockets: [at('1.sock'), at('2.sock')],
    plain: { host, port },
    secure: { host, port: securePort, ca: await readFile(certificate, 'utf8') },
  };
}

// What nginx writes, beside its configuration instead of under /var
const OWN_FILES = 'access_log access.log;\n' + ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  .map((name) => `${name}_temp_path tmp/${name};\n`).join('');

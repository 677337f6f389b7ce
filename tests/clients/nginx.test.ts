import { userInfo } from 'node:os';
import { behindProxy } from './behind_proxy.ts';

// What it writes, beside its configuration instead of under /var
const OWN_FILES = 'access_log access.log;\n' + ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  .map((name) => `${name}_temp_path ${name};\n`).join('');

behindProxy({
  name: 'nginx', config: 'nginx.conf', install: 'nginx-light', status: 502,
  short: { 'proxy_read_timeout 75s': 'proxy_read_timeout 1s' },
  // Else the first that is idle takes them all
  workers: { 'worker_processes auto': 'worker_processes 4', ' backlog=4096': ' reuseport backlog=4096' },
  changes: (top, port, securePort) => ({
    'user www-data;': `user ${userInfo().username};`,
    'http {\n': `http {\n${OWN_FILES}`,
    '/run/echo/1': `${top}/one`,
    '/run/echo/2': `${top}/two`,
    'listen 80 ': `listen 127.0.0.1:${port} `,
    'listen 443 ': `listen 127.0.0.1:${securePort} `,
    '/etc/nginx/': `${top}/`,
  }),
  args: (top) => ['-p', top, '-c', `${top}/nginx.conf`, '-e', 'stderr',
    '-g', `daemon off; pid ${top}/pid; error_log stderr notice;`],
  reload(program) {
    program.process.kill('SIGHUP');
    return program.says('stderr', /gracefully shutting down/);
  },
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import http2 from 'node:http2';
import net from 'node:net';
import { userInfo } from 'node:os';
import { closing, frame, framesIn } from '../wire.ts';
import { behindProxy, type Kind, NAMES, proxied } from './behind_proxy.ts';

const haproxy: Kind = {
  name: 'haproxy', config: 'haproxy.cfg', install: 'haproxy', status: 503,
  short: { 'timeout server 5s': 'timeout server 1s', 'timeout tunnel 75s': 'timeout tunnel 1s' },
  workers: {},
  changes: (top, port, securePort) => ({
    'user www-data': `user ${userInfo().username}`,
    '  group www-data\n': '',
    // Twice as many descriptors: more than a test may have
    'maxconn 20000': 'maxconn 2000',
    '/run/echo/1': `${top}/one`,
    '/run/echo/2': `${top}/two`,
    'bind :80': `bind 127.0.0.1:${port}`,
    'bind :443 ': `bind 127.0.0.1:${securePort} `,
    '/etc/haproxy/': `${top}/`,
  }),
  args: (top) => ['-W', '-S', `${top}/master.sock`, '-f', `${top}/haproxy.cfg`],
  async reload(program, top) {
    // Its master listens later than its worker; a SIGUSR2 before that would be lost
    for (let isReady = false; !isReady;) {
      const master = net.connect(`${top}/master.sock`);
      isReady = await once(master, 'connect').then(() => true, () => false);
      if (isReady) master.end('reload\n');
    }
    // Until it is loaded, a signal ends its master without the workers
    return program.says('stderr', /^(?=[^]*Proxy echo stopped)[^]*Reloading[^]*Loading success/);
  },
};

behindProxy(haproxy);

proxied(haproxy, 'many WebSockets over one connection of HTTP/2 (RFC 8441)', { flags: ['--deflate'] }, async (house) => {
  const { host, port, ca } = house.secure as net.TcpNetConnectOpts & { ca: string };
  const session = http2.connect(`https://${host}:${port}`, { ca });
  const [settings] = await once(session, 'remoteSettings') as [http2.Settings];
  assert.equal(settings.enableConnectProtocol, true);
  await Promise.all(NAMES.map(async (name) => {
    const stream = session.request({
      ':method': 'CONNECT', ':protocol': 'websocket', ':scheme': 'https', ':path': '/', 'sec-websocket-version': '13',
      'sec-websocket-protocol': NAMES.join(', '), 'sec-websocket-extensions': 'permessage-deflate',
    });
    const [head] = await once(stream, 'response') as [http2.IncomingHttpHeaders];
    assert.deepEqual([head[':status'], head['sec-websocket-extensions']], [200, 'permessage-deflate']);
    stream.write(Buffer.concat([frame(1, name), frame(8, closing(3001, 'bye'))]));
    const frames = framesIn(Buffer.concat(await stream.toArray())).map(({ first, payload }) => [first, payload.toString()]);
    assert.deepEqual(frames, [[0x81, name], [0x88, closing(3001, 'bye').toString()]]);
  }));
  session.close();
});

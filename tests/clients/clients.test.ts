import assert from 'node:assert/strict';
import test from 'node:test';
import { Child } from '../child.ts';
import { RSV1 } from '../conformance/row.ts';
import { Program } from '../program.ts';
import { find, missing } from './installed.ts';
import { players, stopServer } from './real_clients.ts';
import { framesOf, headOf, tap } from './tap.ts';

// The article's, byte for byte.
const CURL = "curl --no-buffer -H 'Connection: Upgrade' -H 'Upgrade: websocket' -v -H 'Sec-WebSocket-Version: 13' " +
  "-H 'Sec-WebSocket-Key: websocket'  http://127.0.0.1:8081";

test("the article's curl line gets the article's answer, and the console its three lines", async (t) => {
  if (find(['curl'], '--version') === null) return void missing(t, 'curl', 'apt-get install curl');
  const server = await Program.start(t);
  // exec: a signal for the shell is one for curl
  const curl = new Child(t, 'sh', ['-c', `exec ${CURL.replace('8081', new URL(server.url).port)}`]);
  const [, response = ''] = await curl.says('stderr', /< (HTTP[^]*?\n< \r?\n)/);
  assert.equal(response.replace(/^< /gm, ''), 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n' +
    'Connection: Upgrade\r\nSec-WebSocket-Accept: qVby4apnn2tTYtB1nPPVYUn68gY=\r\n\r\n');
  await server.says('stdout', /握手成功"\n/);
  await curl.stop();
  await server.says('stdout', /主动关闭"\n/);
  assert.equal(curl.stdout, '');
  assert.equal(server.stdout, 'string(19) "新链接1已创建"\nstring(22) "新连接1握手成功"\nstring(22) "客户端1主动关闭"\n');
  await stopServer(server);
});

for (const { name, expected, compresses, play } of players) {
  for (const flags of [[], ['--deflate']]) {
    test(`${name} gets every message back and closes cleanly ${flags.join()}`, async (t) => {
      const server = await Program.start(t, ...flags);
      const { url, connections } = await tap(t, server.url);
      const report = await play(t, url);
      if (report === null) return;
      await stopServer(server);
      assert.deepEqual(report, expected);
      const isCompressed = (way: 'sent' | 'received'): boolean =>
        connections.some((one) => framesOf(one[way]).some(({ first }) => (first & RSV1) !== 0));
      const hasDeflate = flags.length > 0, heads = connections.map(({ received }) => headOf(received).toString()).join('');
      // Nothing that they did not offer, which Netty refuses
      assert.equal(/^Sec-WebSocket-Extensions: (.*)\r$/m.exec(heads)?.[1], hasDeflate ? 'permessage-deflate' : undefined);
      assert.deepEqual([isCompressed('received'), isCompressed('sent')], [hasDeflate, hasDeflate && compresses]);
    });
  }
}

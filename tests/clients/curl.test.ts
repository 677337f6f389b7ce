import assert from 'node:assert/strict';
import test from 'node:test';
import { Child } from '../child.ts';
import { Program } from '../program.ts';
import { stopServer } from './echo_server.ts';
import { DEADLINE, find, missing } from './installed.ts';

// The article's, byte for byte.
const CURL = "curl --no-buffer -H 'Connection: Upgrade' -H 'Upgrade: websocket' -v -H 'Sec-WebSocket-Version: 13' " +
  "-H 'Sec-WebSocket-Key: websocket'  http://127.0.0.1:8081";

const RESPONSE = 'HTTP/1.1 101 Switching Protocols\r\n' +
  'Upgrade: websocket\r\n' +
  'Connection: Upgrade\r\n' +
  'Sec-WebSocket-Accept: qVby4apnn2tTYtB1nPPVYUn68gY=\r\n' +
  '\r\n';

test("the article's curl line gets the article's answer, and the console its three lines", { timeout: DEADLINE },
  async (t) => {
    if (find(['curl'], '--version') === null) return void missing(t, 'curl', 'apt-get install curl');
    const server = await Program.start(t);
    // exec: a signal for the shell is one for curl
    const curl = new Child(t, 'sh', ['-c', `exec ${CURL.replace('8081', new URL(server.url).port)}`]);

    const [, response = ''] = await curl.says('stderr', /< (HTTP[^]*?\n< \r?\n)/);
    assert.equal(response.replace(/^< /gm, ''), RESPONSE);
    await server.says('stdout', /握手成功"\n/);
    await curl.stop();
    await server.says('stdout', /主动关闭"\n/);
    assert.equal(curl.stdout, '');
    assert.equal(server.stdout,
      'string(19) "新链接1已创建"\nstring(22) "新连接1握手成功"\nstring(22) "客户端1主动关闭"\n');
    await stopServer(server);
  });

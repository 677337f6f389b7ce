/** Scenes of clients that leave, and of the server that does. */
import { closing, frame } from '../../wire.ts';
import { ENDED, framesOf } from '../facts.ts';
import { type Scene, scene } from '../scene_stage.ts';
import { KILOBYTE } from './many.ts';

/** Milliseconds; above --close-timeout below. */
const LINGER = 700;

export const leaving: Scene[] = [
  scene('vanish', null, { en: 'a client that ends without a Close', zh: '没有发 Close 就结束的客户端' },
    ['the connection ends'], ['the connection ends'], async (stage) => {
      const client = await stage.shaken();
      await client.end();
      await stage.turn();
      await client.wire.comes(() => false, 1000);
      if (client.over === 'ended') stage.note(ENDED);
    }),
  scene('reset', '5a', { en: 'a client that resets its connection', zh: '重置连接的客户端' },
    ['it prints warnings'], ['the others go on'], async (stage) => {
      const client = await stage.shaken();
      await client.reset();
      await stage.turn();
    }),
  scene('reset-behind', '5a', { en: 'a client that sends a message and resets its connection', zh: '发一条消息后重置连接的客户端' },
    ['the message is read', 'it prints warnings'], ['the message is read'], async (stage) => {
      const client = await stage.shaken();
      await stage.frozen(async () => {
        await client.send(frame(0x1, 'last words'));
        await client.reset();
      });
      await stage.turn();
      if (stage.server.stdout.includes('"last words"')) stage.note({ en: 'the message is read', zh: '读到了消息' });
    }, { needs: 'article' }),
  scene('reset-early', '5a', { en: 'a client that resets its connection before its handshake', zh: '握手之前就重置连接的客户端' },
    ['the server ends', 'it prints warnings'], ['the others go on'], async (stage) => {
      const client = await stage.client();
      await stage.turn();
      await client.reset();
      await stage.turn();
    }),
  scene('leaves-early', '5b', { en: 'a client that leaves before its handshake while another talks', zh: '一个客户端握手之前离开，另一个正在通话' },
    ['the server ends'], ['text "hello"'], async (stage) => {
      // The witness, the first that has shaken hands, is the other one; and this one shows what becomes of the rest
      const talker = await stage.shaken();
      const client = await stage.client();
      await stage.turn();
      await client.end();
      await stage.turn();
      await stage.exchange(talker, [frame(0x1, 'hello')], [Buffer.from('hello')]);
    }),
  scene('close-and-stay', '1e', {
    en: 'a client that sends a Close and does not end its side',
    zh: '发了 Close 却不结束自己一侧的客户端',
  }, ['it stays connected'], ['it is disconnected'], async (stage) => {
    const client = await stage.shaken();
    await client.send(frame(0x8, closing(1000)));
    await stage.turn();
    await new Promise((resolve) => setTimeout(resolve, LINGER));
    // A packet to a connection that was cut is answered by a reset
    await client.send(frame(0x9));
    await client.send(frame(0x9));
    await stage.turn();
    stage.note(client.isCut ? { en: 'it is disconnected', zh: '被断开' } : { en: 'it stays connected', zh: '一直连着' });
  }, { flags: ['--close-timeout', '0.3'] }),
  scene('never-reads', '8b', {
    en: 'a client sends 64 MB, and does not read for three times --write-timeout',
    zh: '一个客户端发送 64 MB，在三倍 --write-timeout 的时间里什么也不读',
  }, ['it is waited for', 'others get no answer'], ['it is disconnected'], async (stage) => {
    const client = await stage.shaken();
    client.wire.socket.pause();
    void client.send(Buffer.alloc(64 * 1024 * 1024, KILOBYTE));
    for (const end = performance.now() + 3000; !client.isCut && performance.now() < end;) await stage.pause();
    stage.note(client.isCut ? { en: 'it is disconnected', zh: '被断开' } : { en: 'it is waited for', zh: '一直等它' });
  }, { flags: ['--write-timeout', '1', '--close-timeout', '0.3', '--quiet'], needs: 'echo' }),
  scene('silent', '10a', {
    en: 'one client sends no request, another nothing after it, for six times --handshake-timeout and --ping-interval',
    zh: '一个客户端不发请求，另一个握手后不说话，时间是 --handshake-timeout 和 --ping-interval 的六倍',
  }, ['no answer', 'no answer'], [
    '408', 'the connection ends',
    'ping ""', 'close 1008 "Cannot hear client: no byte in 0.5 s after a Ping"', 'the connection ends',
  ], async (stage) => {
    const mute = await stage.client(), silent = await stage.shaken();
    for (const end = performance.now() + 3000; performance.now() < end;) await stage.pause();
    await stage.noteRefusal(mute, await mute.wire.anyHead(0));
    await stage.noteFrames(silent);
  }, { flags: ['--handshake-timeout', '0.5', '--ping-interval', '0.5'] }),
  scene('sigterm', '1f', { en: 'the server gets SIGTERM', zh: '服务器收到 SIGTERM' },
    ['the connection ends', 'exit by SIGTERM'],
    ['close 1001', 'the connection ends', 'exit status 0'], async (stage) => {
      const client = await stage.shaken();
      stage.server.kill('SIGTERM');
      await client.wire.comes(() => false, 2000);
      stage.note(...framesOf(await client.take()), ...(client.over === null ? [] : [ENDED]));
      client.wire.socket.destroy();
      stage.dismissWitness();
      await stage.server.ends(5000);
      const { status } = stage.server;
      stage.note(typeof status === 'number' ? { en: `exit status ${status}`, zh: `退出状态 ${status}` }
        : { en: `exit by ${status}`, zh: `因 ${status} 退出` });
    }, { ends: true }),
];

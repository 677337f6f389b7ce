/** Scenes of many clients, and of one that is too much for the others. */
import { spawnSync } from 'node:child_process';
import { frame, REQUEST, request } from '../../wire.ts';
import { Actor } from '../actor.ts';
import { fieldOf, GO_ON } from '../facts.ts';
import { ServerProcess } from '../server_process.ts';
import { type Scene, scene, type Stage } from '../scene_stage.ts';

/**
 * A message whose frame has 1,024 bytes, which is one read of the PHP's; the answer has four less. The mask makes each
 * byte of the payload 0xfe: where a short read has shifted the next ones, the PHP takes that for a length of 16 bits, and
 * its answers are as long as before.
 */
export const KILOBYTE = frame(0x1, 'k'.repeat(1016), { key: new Array<number>(4).fill(0x6b ^ 0xfe) });
const ANSWER = 1020;
/** Packets of 64 KiB, from a client that does not read. */
const ALL = 1024;
/** More than select(2) knows. */
const CROWD = 1100;
/** Descriptors for a process; Node has about 25 open before the first client. */
const DESCRIPTORS = 64;
const NONE_LEFT = /too many open files/g;
const IN_ORDER = ['the server first, then by number'] as const;
/** RFC 7692 6 */
const RSV1 = 0b0100_0000;

/** A client that compresses where the server agrees, messages that take a turn, and how many bytes their answers have. */
async function compressing(stage: Stage): Promise<{ client: Actor; message: Buffer; answer: number }> {
  const client = await stage.client();
  const offer = 'permessage-deflate; client_no_context_takeover; server_no_context_takeover';
  const head = await stage.handshake(client, request({ 'Sec-WebSocket-Extensions': offer }));
  if (fieldOf(head, 'Sec-WebSocket-Extensions') === null) return { client, message: KILOBYTE, answer: ANSWER };
  // Empty messages in sixteen blocks: they take longer than a turn, and their answers are small
  const message = Buffer.concat(new Array<Buffer>(16).fill(frame(0x2, Buffer.from('0300'.repeat(16), 'hex'), { rsv: RSV1 })));
  const before = client.length;
  await client.send(message);
  await stage.settle(client);
  return { client, message, answer: client.length - before };
}

export const many: Scene[] = [
  scene('slow-reader', '8a', {
    en: 'a client sends 64 MB and reads no answer while another talks',
    zh: '一个客户端发送 64 MB 而不读应答，另一个正在通话',
  }, ['others get no answer'], ['the others go on'], async (stage) => {
    const client = await stage.shaken();
    client.wire.socket.pause();
    let taken = 0, isOver = false;
    const push = async (): Promise<void> => {
      for (; taken < ALL && !isOver; taken++) await client.send(Buffer.alloc(64 * KILOBYTE.length, KILOBYTE));
    };
    void push();
    // The server takes as much as it likes, with pauses: a kernel asks for more when a third of its buffer is free. Then
    // its answers find no room. Either it goes on with the witness, or nobody is served
    for (let before = -1, rounds = 0; rounds < 100 && await stage.ask(); rounds++) {
      if (taken !== before) rounds = 0;
      before = taken;
      // The witness is silent for a moment: the server reads what it can
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    isOver = true;
    // Then all these answers lie in the server's memory: more than the kernel's buffers of both sides hold
    if (taken === ALL) stage.note({ en: 'all of it is read', zh: '全部读入' });
  }, { flags: ['--quiet'], needs: 'echo' }),
  scene('busy-client', '8c', {
    en: 'a client sends 30 messages at once, costly ones where it may compress, while another talks',
    zh: '一个客户端一次发送 30 条消息（能压缩时是处理起来费时的消息），另一个正在通话',
  }, ['the other gets answers in between'], ['the other gets answers in between'], async (stage) => {
    const { client, message, answer } = await compressing(stage);
    let between = 0;
    // On a busy machine all may be answered before the other has said a word: but not each time
    for (let rounds = 0; rounds < 5 && between === 0; rounds++) {
      const before = client.length, all = before + 30 * answer;
      await stage.frozen(() => client.send(...new Array<Buffer>(30).fill(message)));
      for (let i = 0; i < 10_000 && client.length < all && await stage.ask(); i++) {
        await new Promise(setImmediate);
        if (client.length > before && client.length < all) between++;
      }
      if (client.length !== all) return;
    }
    stage.note(between > 0 ? { en: 'the other gets answers in between', zh: '另一个在其间得到应答' }
      : { en: 'the other waits until all are done', zh: '另一个要等全部完成' });
  }, { flags: ['--deflate', '--quiet'], console: 'free', needs: 'echo' }),
  scene('three-connect', '3a', { en: 'three clients connect while the server is busy', zh: '服务器忙的时候有三个客户端连接' },
    ['all get in', 'text "between"'], ['all get in', 'text "between"'], async (stage) => {
      const talker = await stage.shaken();
      const all = await stage.frozen(async () => {
        const clients = [await stage.client(), await stage.client(), await stage.client()];
        await talker.send(frame(0x1, 'between'));
        for (const client of clients) await client.send(REQUEST);
        return clients;
      });
      await stage.turn();
      const heads = await Promise.all(all.map((client) => client.wire.anyHead(1000)));
      if (heads.every((head) => head.startsWith('HTTP/1.1 101 '))) stage.note({ en: 'all get in', zh: '全部连上' });
      await stage.noteFrames(talker);
    }, { console: 'free' }),
  scene('hundred-connect', '1c', { en: 'a hundred clients connect while the server is busy', zh: '服务器忙的时候有一百个客户端连接' },
    ['some are not let in at once'], ['all are let in at once'], async (stage) => {
      const letIn = await stage.frozen(async () => {
        let count = 0;
        for (let i = 0; i < 100; i++) {
          void Actor.connect('one of many', stage.port, []).then((client) => {
            if (client === null) return;
            stage.clients.push(client);
            count++;
          });
        }
        // TCP asks again after a second: who is let in comes much sooner
        await new Promise((resolve) => setTimeout(resolve, 500));
        return count;
      });
      stage.note(letIn === 100 ? { en: 'all are let in at once', zh: '全部立刻连上' }
        : { en: 'some are not let in at once', zh: '一部分没有立刻连上' });
    }),
  // One pass of server.ts sends the answers to all that one read has brought together. So each message takes a whole turn
  scene('two-answers', '1d', {
    en: 'two small answers from two passes of the loop, one right after the other, 9 times',
    zh: '两轮循环各发出一个小应答，一前一后，重复 9 次',
  }, ['the second waits for the first one\'s acknowledgement'], ['both leave at once'], async (stage) => {
    const { client, message, answer } = await compressing(stage);
    const gaps: number[] = [];
    for (let i = 0; i < 9; i++) {
      // At first, and after a pause, a kernel acknowledges at once: then there is nothing to wait for
      for (let warm = 0; warm < 20; warm++) {
        const due = client.length + 4;
        await client.send(frame(0x1, 'hi'));
        await client.wire.comes(() => client.length >= due, 1000);
      }
      const before = client.length;
      await stage.frozen(() => client.send(message, message));
      await client.wire.comes(() => client.length > before, 1000);
      const first = performance.now();
      await client.wire.comes(() => client.length >= before + 2 * answer, 1000);
      gaps.push(performance.now() - first);
    }
    // The acknowledgement takes 40 ms. A busy machine may take its time too, but not each time
    const isSoon = gaps.sort((a, b) => a - b)[3]! < 30;
    stage.note(isSoon ? { en: 'both leave at once', zh: '两个都立刻发出' }
      : { en: 'the second waits for the first one\'s acknowledgement', zh: '第二个要等第一个的确认' });
  }, { flags: ['--deflate', '--quiet'], needs: 'echo' }),
  scene('crowd', '2c', { en: '1,100 clients at once', zh: '同时 1,100 个客户端' },
    ['about 1,020 are served', 'it prints warnings without end'], ['all are served'], async (stage) => {
      let served = 0;
      for (; served < CROWD; served++) {
        const client = await Actor.connect('one of many', stage.port, []);
        if (client === null) break;
        stage.clients.push(client);
        await client.send(REQUEST);
        if (!/^HTTP\/1\.1 101 /.test(await client.wire.anyHead(1000))) break;
      }
      const rounded = (Math.round(served / 10) * 10).toLocaleString('en');
      stage.note(served === CROWD ? { en: 'all are served', zh: '全部得到服务' }
        : { en: `about ${rounded} are served`, zh: `大约 ${rounded} 个得到服务` });
      if (served < CROWD) await stage.server.ends(10_000);
    }),
  scene('order', '2b', {
    en: 'while the server is busy, client 3 talks, then client 2, then another connects',
    zh: '服务器忙的时候，先是客户端 3 说话，再是客户端 2，最后又有人连接',
  }, [...IN_ORDER], [...IN_ORDER], async (stage) => {
    const [second, third] = [await stage.shaken(), await stage.shaken()];
    await stage.frozen(async () => {
      await third.send(frame(0x1, 'third'));
      await second.send(frame(0x1, 'second'));
      await stage.client();
    });
    await stage.turn();
    const lines = stage.server.stdout.match(/"second"|"third"|新链接4/g);
    if (lines?.join() === '新链接4,"second","third"') stage.note({ en: IN_ORDER[0], zh: '先服务器，再按编号' });
  }, { needs: 'article' }),
  scene('no-descriptor', '3b', {
    en: '100 clients, and no file descriptor left for most of them', zh: '100 个客户端，而描述符不够用',
  }, ['it prints warnings without end'], ['one line says so', 'the others go on'], async (stage) => {
    // The limit of a process that runs already: Node needs more of them to start
    spawnSync('prlimit', ['--pid', `${stage.server.process.pid}`, `--nofile=${DESCRIPTORS}`]);
    for (let i = 0; i < 100; i++) {
      const client = await Actor.connect('one of many', stage.port, []);
      if (client !== null) stage.clients.push(client);
    }
    // The PHP has printed enough after a second or two; server.ts looks once in a second
    for (let i = 0; i < 100 && !stage.server.floods && !NONE_LEFT.test(stage.server.stderr); i++) await stage.pause();
    if (stage.server.stderr.match(NONE_LEFT)?.length === 1) stage.note({ en: 'one line says so', zh: '用一行说明' }, GO_ON);
  }, { needs: 'article' }),
  scene('idle', '2b', { en: 'two seconds in which nobody says anything', zh: '两秒钟没有人说话' },
    ['it rests'], ['it rests'], async (stage) => {
      await stage.shaken();
      // What a program does once after its start is not what it does when idle
      await new Promise((resolve) => setTimeout(resolve, 500));
      const before = stage.server.cpu();
      await new Promise((resolve) => setTimeout(resolve, 2000));
      const after = stage.server.cpu();
      if (before === null || after === null) return;
      stage.note(after - before <= 0.1 ? { en: 'it rests', zh: '空闲，不占 CPU' } : { en: 'it is busy', zh: '一直占用 CPU' });
    }),
  scene('port-in-use', '1a', { en: 'the port is another program\'s already', zh: '端口已被别的程序占用' },
    ['it goes on'], ['exit status 1', 'it says what to do'], async (stage) => {
      const second = new ServerProcess(stage.program, stage.port);
      // It gives up, or it warns and goes on
      for (let i = 0; i < 500 && !/Warning/.test(second.stdout) && !await second.ends(20); i++);
      const isOver = await second.ends(500);
      if (!isOver) {
        stage.note({ en: 'it goes on', zh: '继续运行' });
      } else {
        stage.note({ en: `exit status ${second.status}`, zh: `退出状态 ${second.status}` });
        if (/Cannot listen.*--port/.test(second.stderr)) stage.note({ en: 'it says what to do', zh: '说明该怎么办' });
      }
      await second.stop('SIGKILL');
    }),
];

/** Exercises with a clock: the time in a quiet second, a heartbeat, limits. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isCloseCode } from '../../lib/websocket/close.ts';
import { CLOSE, PING } from '../../lib/websocket/frame.ts';
import { REQUEST } from '../wire.ts';
import type { Player } from './player.ts';
import { both, type Exercise, type Stage, type Text } from './stage.ts';

const TIME = /\d\d?:\d\d:\d\d/;

/** Says something every 200 ms, for so many seconds. */
async function chatter(player: Player, seconds: number): Promise<void> {
  for (let i = 0; i < seconds * 5 && !player.over; i++) {
    player.say(`${i}`);
    await sleep(200);
  }
}

export const clock: Exercise = {
  title: both('The time in each quiet second', '每安静一秒就报时'),
  async check(stage: Stage) {
    const one = await stage.join(), two = await stage.join();
    await one.until(() => one.texts.length > 0, 2.5);
    stage.asks(both('nobody speaks, and client 1 gets the time', '没有人说话，客户端 1 收到时间'), one.texts.length > 0, both(
      'Two seconds were quiet, and nothing came. In step 2 socket_select waits as long as its last argument says: ' +
        'give it 1, and when both arrays come back empty, write to all in handShake.',
      '安静了两秒，什么也没有收到。第 2 步的 socket_select 等多久由最后一个参数决定：把它改成 1；两个数组都为空时，写给 handShake 中的所有人。'));
    const [text = ''] = one.texts;
    stage.asks(both('it has hours, minutes and seconds', '其中有时、分、秒'), TIME.test(text), both(
      `It is ${JSON.stringify(text)}. new Date().toTimeString() has them.`,
      `收到的是 ${JSON.stringify(text)}。new Date().toTimeString() 里有。`));
    await two.until(() => two.texts.length > 0, 1.5);
    stage.asks(both('client 2 gets it too', '客户端 2 也收到'), TIME.test(two.texts[0] ?? ''), both(
      'It got nothing: write it to each socket of handShake.', '没有收到：要写给 handShake 中的每个套接字。'));
    await one.until(() => new Set(one.texts).size > 1, 2.5);
    stage.asks(both('a second later it is another', '一秒之后是另一个时间'), new Set(one.texts).size > 1, both(
      'No other one came. Make the text anew each time.', '没有收到另一个。每次都要重新生成文字。'));

    await chatter(two, 0.4);
    one.forget();
    await chatter(two, 2.4);
    await one.settle();
    const isTold = one.texts.some((text) => TIME.test(text));
    stage.asks(both('while client 2 talks, no time comes', '客户端 2 说话的时候不报时'), !isTold, both(
      'It came, though no second was quiet. Tell the time only where socket_select came back with nothing.',
      '没有安静的一秒，却报了时。只有 socket_select 两手空空地返回时才报时。'));
  },
};

export const heartbeat: Exercise = {
  title: both('A heartbeat by hand', '手写心跳'),
  async check(stage: Stage) {
    const one = await stage.join(), talker = await stage.join(), silent = await stage.join(false);
    const stranger = await stage.knock();
    const talk = chatter(talker, 3.4);
    await one.until(() => one.only(PING).length > 2, 4);
    const stays = (): void => stage.asks(both('client 1 answers each, and stays', '客户端 1 每次都回答，不被断开'), !one.over, both(
      'It was left. Note the time when the handshake is done, and again with each Pong.',
      '它被断开了。握手完成时记下时间，每次收到 Pong 再记一次。'));
    if (one.over) stays();
    const pings = one.only(PING).length;
    const heard = both(`There ${pings === 1 ? 'was 1' : `were ${pings}`} in 4 seconds.`, `4 秒里有 ${pings} 个。`);
    stage.asks(both('client 1 gets a Ping each second, while client 2 talks', '客户端 2 说话的同时，客户端 1 每秒收到一个 Ping'),
      pings > 2, pings === 0 ? both(
        `${heard.en} Give socket_select 1 second in step 2, and before it, once a second, ` +
          "write buildMsg('', PING) to all in handShake.",
        `${heard.zh}在第 2 步让 socket_select 只等 1 秒；在它之前，每隔一秒把 buildMsg('', PING) 写给 handShake 中的所有人。`) : both(
        `${heard.en} When somebody talks, socket_select comes back before its second is over: ` +
          'look at the clock, Date.now().',
        `${heard.zh}有人说话时，socket_select 不到一秒就会返回：要看时钟 Date.now()。`));
    await talk;

    await silent.until(() => silent.over, 5);
    const asked = both('client 3 answers no Ping for three seconds, and is left', '客户端 3 连续三秒不回 Pong，被断开');
    stage.asks(asked, silent.over, both(
      'It is still connected. In step 7 note when a Pong has come, and call leave for whom that was too long ago.',
      '它仍然连着。在第 7 步记下 Pong 到达的时间；太久没有 Pong 的，调用 leave。'));
    await one.settle();
    stays();
    await talker.settle();
    stage.asks(both('client 2 too', '客户端 2 也是'), !talker.over, both('It was left.', '它被断开了。'));
    stranger.send(REQUEST);
    const head = await stranger.head();
    stage.asks(both('who has not shaken hands gets no Ping', '尚未握手的连接收不到 Ping'), head.startsWith('HTTP/1.1 101 '), both(
      'It got one before its 101. Go through handShake, not through sockets.',
      '它在 101 之前收到了。要遍历的是 handShake，而不是 sockets。'));
  },
};

/** The code of the Close that it got; null where none has come. */
function codeOf(player: Player): number | null {
  const [payload] = player.only(CLOSE);
  return payload === undefined ? null : payload.length < 2 ? 1005 : payload.readUInt16BE();
}

export const limits: Exercise = {
  title: both('Limits', '限制'),
  async check(stage: Stage) {
    const [polite, fast, big] = [await stage.join(), await stage.join(), await stage.join()];
    const ten = Array.from({ length: 10 }, (_, i) => `${i}`);
    const fifty = Array.from({ length: 50 }, (_, i) => `${i}`);
    /** A Close, with a code that may be sent; then the end. */
    const asksClose = async (what: Text, player: Player, done: () => boolean, remedy: Text): Promise<void> => {
      await player.until(() => player.over || done());
      const code = codeOf(player);
      stage.asks(both(`${what.en} gets a Close`, `${what.zh}，收到 Close`), code !== null, both(
        `It got its answers, and no Close. ${remedy.en}`, `它照常收到应答，没有收到 Close。${remedy.zh}`));
      await player.until(() => player.over);
      stage.asks(both(`with a code that may be sent (it is ${code}), and the end`, `关闭码可以发送（是 ${code}），然后连接结束`),
        isCloseCode(code!) && player.over, both(
          'RFC 6455 7.4 lists the codes: 1008 is for who breaks a rule of yours.',
          'RFC 6455 7.4 列出了关闭码：违反你自己的规则，用 1008。'));
    };

    polite.say(...ten);
    await polite.until(() => polite.texts.length >= 10);
    stage.asks(both('ten messages in a second are answered', '一秒之内的十条消息都有应答'), polite.texts.join() === ten.join(), both(
      `Of ten, ${polite.texts.length} were.`, `十条中有 ${polite.texts.length} 条。`));

    fast.say(...fifty);
    await asksClose(both('who sends fifty in a second', '一秒发五十条的客户端'), fast, () => fast.texts.length === 50,
      both("In step 7: throw new ProtocolError(1008, 'too fast').",
        "在第 7 步：throw new ProtocolError(1008, 'too fast')。"));
    stage.asks(both('and at most ten answers before it', '在此之前最多十条应答'), fast.texts.length <= 10, both(
      `There were ${fast.texts.length}. Count before you answer.`, `有 ${fast.texts.length} 条。先计数，再应答。`));

    big.say('x'.repeat(1000));
    await big.until(() => big.texts.length > 0 || big.over);
    stage.asks(both('a message of 1,000 bytes is answered', '1,000 字节的消息有应答'), big.texts.length === 1, both(
      'It is not. Only more than 1,000 is too much.', '没有应答。超过 1,000 才算太大。'));
    big.say('x'.repeat(1001));
    await asksClose(both('who sends one of 1,001 bytes', '发送 1,001 字节消息的客户端'), big, () => big.texts.length === 2,
      both('In step 7: message.length > 1000.', '在第 7 步：message.length > 1000。'));

    await sleep(1100);
    polite.forget();
    polite.say(...ten);
    await polite.until(() => polite.texts.length >= 10);
    stage.asks(both('a second later client 1 may send ten more', '一秒之后客户端 1 又可以发十条'), polite.texts.length === 10, both(
      `Of ten, ${polite.texts.length} were answered. Count anew with each second, and each client by itself.`,
      `十条中有 ${polite.texts.length} 条得到应答。每一秒重新计数，而且每个客户端分别计数。`));
  },
};

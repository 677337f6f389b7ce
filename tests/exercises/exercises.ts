/** The exercises, from small to large. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isCloseCode } from '../../lib/websocket/close.ts';
import { BINARY, CLOSE, PING, PONG } from '../../lib/websocket/frame.ts';
import type { Player } from './player.ts';
import { both, type Exercise, type Text } from './stage.ts';

const BYTES = Buffer.from('c0ffee', 'hex');

/** As in a sentence: nothing, "hello", "hello" "world". */
function quoted(texts: string[]): Text {
  const list = texts.map((text) => JSON.stringify(text)).join(' ');
  return both(list || 'nothing', list || '什么也没有');
}

/** All that the server had for these has come. */
async function settle(...players: Player[]): Promise<void> {
  for (const player of players) await player.settle();
}

const broadcast: Exercise = {
  title: both('Everybody gets every message', '每条消息发给所有人'),
  async check(stage) {
    const [one, two, three] = [await stage.join(), await stage.join(), await stage.join()];
    const stranger = await stage.knock();

    one.say('hello');
    await one.until(() => one.texts.length > 0);
    await settle(one, two, three);
    for (const [number, other] of [[2, two], [3, three]] as const) {
      const got = quoted(other.texts);
      stage.asks(both(`client 1 says "hello", client ${number} gets it`, `客户端 1 说 "hello"，客户端 ${number} 收到`),
        other.texts.join() === 'hello', both(
          `Client ${number} got ${got.en}. In step 7 write returnMessage to Object.values(handShake): the array has holes.`,
          `客户端 ${number} 收到：${got.zh}。请在第 7 步把 returnMessage 写给 Object.values(handShake)：数组里有空位。`));
    }
    const own = one.texts.length;
    stage.asks(both('client 1 itself gets it once', '客户端 1 自己只收到一次'), own === 1, both(
      `It got it ${own} times. The sender has its answer already: leave it out.`,
      `收到了 ${own} 次。发送者已经有了应答，广播时要跳过它。`));

    two.say(BYTES);
    await two.until(() => two.only(BINARY).length > 0);
    await settle(one, three);
    stage.asks(both('a binary message comes as a binary one', '二进制消息仍以二进制到达'),
      [one, three].every((other) => other.only(BINARY).some((payload) => payload.equals(BYTES))), both(
        'The others did not get it so. returnMessage is right as it is: reply tells its opcode.',
        '其他人没有这样收到。returnMessage 本来就是对的：它的 opcode 由 reply 决定。'));

    three.ping('only me');
    await settle(three, one, two);
    stage.asks(both('a Pong goes only to the client that sent the Ping', 'Pong 只发给发出 Ping 的客户端'),
      one.only(PONG).length + two.only(PONG).length === 0, both(
        'Others got it too. Only messages are for everybody: message.opcode <= BINARY.',
        '其他人也收到了。只有消息才发给所有人：message.opcode <= BINARY。'));

    two.close();
    await two.until(() => two.over);
    await settle(one, three);
    stage.asks(both('a Close goes only to the client that sent it', 'Close 只发给发出 Close 的客户端'),
      one.only(CLOSE).length + three.only(CLOSE).length === 0, both(
        'Others got it too, and so their connections have ended.', '其他人也收到了，他们的连接因此结束。'));
    one.forget();
    three.forget();
    three.say('still here');
    await three.until(() => three.texts.length > 0);
    await settle(one);
    stage.asks(both('when client 2 has left, the others talk on', '客户端 2 离开后，其他人继续交谈'),
      one.texts.join() === 'still here',
      both(`Client 1 got ${quoted(one.texts).en}.`, `客户端 1 收到：${quoted(one.texts).zh}。`));

    await stage.asksStranger(stranger,
      both('a client that has not shaken hands gets nothing before its 101', '尚未握手的连接在 101 之前什么也收不到'));
  },
};

/** The number of the last line such as: string(8) "online 2" */
function lastOnline(stdout: string): number | null {
  const last = [...stdout.matchAll(/(?:online|在线)\D{0,3}(\d+)/g)].at(-1);
  return last === undefined ? null : Number(last[1]);
}

const online: Exercise = {
  title: both('Who is online', '在线人数'),
  async check(stage) {
    const asks = async (what: Text, expected: number, teller: Player, wait?: RegExp): Promise<void> => {
      if (wait) await stage.printed(wait);
      const mark = `mark ${Math.random().toString(36).slice(2)}`;
      teller.say(mark);
      const found = lastOnline(await stage.printed(new RegExp(mark)));
      const shown = both(`the server prints "online ${expected}"`, `服务器打印 "online ${expected}"`);
      const wrong = found === null
        ? both('It prints no such line. In step 6: var_dump(`online ${...}`), when the client is in handShake.',
          '没有打印这样的行。在第 6 步，客户端进入 handShake 之后：var_dump(`online ${...}`)。')
        : found > expected && wait === undefined
          ? both(`The last one was ${found}. The array has holes, and length counts them: count its keys.`,
            `最后打印的是 ${found}。数组里有空位，length 会把空位也算进去：应该数它的键。`)
          : both(`The last one was ${found}. Print it in leave too, behind delete handShake[socket.id].`,
            `最后打印的是 ${found}。在 leave 里也要打印，放在 delete handShake[socket.id] 之后。`);
      stage.asks(both(`${what.en}: ${shown.en}`, `${what.zh}：${shown.zh}`), found === expected, wrong);
    };
    const one = await stage.join();
    await asks(both('client 1 has come', '客户端 1 来了'), 1, one);
    const two = await stage.join(), three = await stage.join();
    await asks(both('clients 2 and 3 have come', '客户端 2 和 3 来了'), 3, one);
    two.vanish();
    await asks(both('client 2 has vanished', '客户端 2 不告而别'), 2, one, /客户端2主动关闭/);
    three.close();
    await asks(both('client 3 has closed', '客户端 3 关闭了'), 1, one, /客户端3主动关闭/);
    await stage.knock();
    await asks(both('client 4 is connected and has not shaken hands', '客户端 4 已连接而未握手'), 1, one, /新链接4已创建/);
  },
};

const TIME = /\d\d?:\d\d:\d\d/;

/** Says something every 200 ms, for so many seconds. */
async function chatter(player: Player, seconds: number): Promise<void> {
  for (let i = 0; i < seconds * 5 && !player.over; i++) {
    player.say(`${i}`);
    await sleep(200);
  }
}

const clock: Exercise = {
  title: both('The time in each quiet second', '每安静一秒就报时'),
  async check(stage) {
    const one = await stage.join(), two = await stage.join();
    await one.until(() => one.texts.length > 0, 2.5);
    stage.asks(both('nobody speaks, and client 1 gets the time', '没有人说话，客户端 1 收到时间'), one.texts.length > 0, both(
      'Two seconds were quiet, and no frame of text came. In step 2 socket_select waits as long as its last argument says: ' +
        'give it 1, and when both arrays come back empty, write buildMsg(text) to Object.values(handShake).',
      '安静了两秒，没有收到文本帧。第 2 步的 socket_select 等多久由最后一个参数决定：把它改成 1；两个数组都为空时，把 buildMsg(text) 写给 Object.values(handShake)。'));
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

const heartbeat: Exercise = {
  title: both('A heartbeat by hand', '手写心跳'),
  async check(stage) {
    const one = await stage.join(), talker = await stage.join(), silent = await stage.join(false);
    const stranger = await stage.knock();
    const talk = chatter(talker, 3.4);
    await one.until(() => one.only(PING).length > 2, 4);
    const stays = (): void => stage.asks(both('client 1 answers each, and stays', '客户端 1 每次都应答，不被断开'), !one.over, both(
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
    await stage.asksStranger(stranger, both('a client that has not shaken hands gets no Ping', '尚未握手的连接收不到 Ping'));
  },
};

/** The code of the Close that it got; null where none has come. */
function codeOf(player: Player): number | null {
  const [payload] = player.only(CLOSE);
  return payload === undefined ? null : payload.length < 2 ? 1005 : payload.readUInt16BE();
}

const limits: Exercise = {
  title: both('Limits', '限制'),
  async check(stage) {
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
          'RFC 6455 7.4 lists the codes: 1008 is for a client that breaks a rule of yours.',
          'RFC 6455 7.4 列出了关闭码：违反你自己的规则，用 1008。'));
    };

    const asksTen = async (sentence: Text): Promise<void> => {
      polite.forget();
      polite.say(...ten);
      await polite.until(() => polite.texts.length >= 10);
      stage.asks(sentence, polite.texts.join() === ten.join(), both(
        `Of ten, ${polite.texts.length} were answered. Count anew with each second, and each client by itself.`,
        `十条中有 ${polite.texts.length} 条得到应答。每一秒重新计数，而且每个客户端分别计数。`));
    };
    await asksTen(both('ten messages in a second are answered', '一秒之内的十条消息都有应答'));

    fast.say(...fifty);
    await asksClose(both('a client that sends fifty in a second', '一秒发五十条的客户端'), fast, () => fast.texts.length === 50,
      both("In step 7: throw new ProtocolError(1008, 'too fast').",
        "在第 7 步：throw new ProtocolError(1008, 'too fast')。"));
    stage.asks(both('and at most ten answers before it', '在此之前最多十条应答'), fast.texts.length <= 10, both(
      `There were ${fast.texts.length}. Count before you answer.`, `有 ${fast.texts.length} 条。先计数，再应答。`));

    big.say('x'.repeat(1000));
    await big.until(() => big.texts.length > 0 || big.over);
    stage.asks(both('a message of 1,000 bytes is answered', '1,000 字节的消息有应答'), big.texts.length === 1, both(
      'It is not. Only more than 1,000 is too much.', '没有应答。超过 1,000 才算太大。'));
    big.say('x'.repeat(1001));
    await asksClose(both('a client that sends one of 1,001 bytes', '发送 1,001 字节消息的客户端'), big, () => big.texts.length === 2,
      both('In step 7: message.length > 1000.', '在第 7 步：message.length > 1000。'));

    await sleep(1100);
    await asksTen(both('a second later client 1 may send ten more', '一秒之后客户端 1 又可以发十条'));
  },
};

const chat: Exercise = {
  title: both('A chat with names', '有名字的聊天室'),
  async check(stage) {
    const [one, two, three] = [await stage.join(), await stage.join(), await stage.join()];
    const players = [one, two, three];
    /** What each of the three got after `act`, up to the answer to a Ping. */
    const asks = async (
      en: string, zh: string, act: () => void, first: Player, ...expected: string[][]
    ): Promise<void> => {
      for (const player of players) player.forget();
      act();
      await first.until(() => first.texts.length > 0);
      await settle(...players.filter(({ over }) => !over));
      const wrong = players.findIndex((player, i) => player.texts.join('\n') !== expected[i]!.join('\n'));
      const got = quoted(players[wrong]?.texts ?? []), due = quoted(expected[wrong] ?? []);
      stage.asks(both(en, zh), wrong < 0, both(
        `Client ${wrong + 1} should get ${due.en}, and got ${got.en}.`,
        `客户端 ${wrong + 1} 应该收到：${due.zh}；实际收到：${got.zh}。`));
    };
    await asks('the first message is the name: "Ann joined"', '第一条消息是名字："Ann joined"',
      () => one.say('Ann'), one, ['Ann joined'], [], []);
    await asks('all who have a name are told who joins', '有名字的人都会得知谁加入了',
      () => two.say('王'), two, ['王 joined'], ['王 joined'], []);
    await asks('a name that is taken is refused, to its client only', '已有的名字被拒绝，只告诉这个客户端',
      () => three.say('Ann'), three, [], [], ['Ann is taken']);
    await asks('what follows goes to all who have a name', '之后的话发给所有有名字的人',
      () => one.say('hello'), one, ['Ann: hello'], ['Ann: hello'], []);
    await asks('a client that was refused may try another name', '被拒绝的人可以换一个名字',
      () => three.say('Cy'), three, ['Cy joined'], ['Cy joined'], ['Cy joined']);
    await asks('two messages in one packet are two lines', '同一个包里的两条消息是两句话', () => two.say('a', 'b'), two,
      ['王: a', '王: b'], ['王: a', '王: b'], ['王: a', '王: b']);
    await asks('the others are told who leaves', '其他人会得知谁离开了', () => two.vanish(), one, ['王 left'], [], ['王 left']);
    const four = await stage.join();
    four.vanish();
    await stage.printed(/客户端4主动关闭/);
    await asks('nobody is told of a client that leaves without a name; a name that was left is free',
      '没有名字的人离开时没有人得知；空出的名字可以再用', () => one.say('x'), one, ['Ann: x'], [], ['Ann: x']);
    players[1] = await stage.join();
    await asks('a name that was left is free again', '离开的人的名字可以再用', () => players[1]!.say('王'), players[1]!,
      ['王 joined'], ['王 joined'], ['王 joined']);
  },
};

export const EXERCISES: Exercise[] = [broadcast, online, clock, heartbeat, limits, chat];

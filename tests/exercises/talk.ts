/** Exercises in which clients talk to one another: broadcast, who is online, a chat. */
import { BINARY, CLOSE, PONG } from '../../lib/websocket/frame.ts';
import { REQUEST } from '../wire.ts';
import type { Player } from './player.ts';
import { both, type Exercise, type Stage, type Text } from './stage.ts';

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

export const broadcast: Exercise = {
  title: both('Everybody gets every message', '每条消息发给所有人'),
  async check(stage: Stage) {
    const [one, two, three] = [await stage.join(), await stage.join(), await stage.join()];
    const stranger = await stage.knock();

    one.say('hello');
    await one.until(() => one.texts.length > 0);
    await settle(one, two, three);
    for (const [number, other] of [[2, two], [3, three]] as const) {
      const got = quoted(other.texts);
      stage.asks(both(`client 1 says "hello", client ${number} gets it`, `客户端 1 说 "hello"，客户端 ${number} 收到`),
        other.texts.join() === 'hello', both(
          `Client ${number} got ${got.en}. In step 7 write returnMessage to each socket of handShake.`,
          `客户端 ${number} 收到：${got.zh}。请在第 7 步把 returnMessage 写给 handShake 中的每个套接字。`));
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
    stage.asks(both('a Pong goes to nobody but who has sent the Ping', 'Pong 只发给发出 Ping 的客户端'),
      one.only(PONG).length + two.only(PONG).length === 0, both(
        'Others got it too. Only messages are for everybody: message.opcode <= BINARY.',
        '其他人也收到了。只有消息才发给所有人：message.opcode <= BINARY。'));

    two.close();
    await two.until(() => two.over);
    await settle(one, three);
    stage.asks(both('a Close goes to nobody but who has sent it', 'Close 只发给发出 Close 的客户端'),
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

    stranger.send(REQUEST);
    const head = await stranger.head();
    stage.asks(both('who has not shaken hands gets nothing before its 101', '尚未握手的连接在 101 之前什么也收不到'),
      head.startsWith('HTTP/1.1 101 '), both(
        'It got a frame first, and takes that for a broken answer. Go through handShake, not through sockets.',
        '它先收到了一帧，会把它当作错误的响应。要遍历的是 handShake，而不是 sockets。'));
  },
};

/** The number of the last line such as: string(8) "online 2" */
function lastOnline(stdout: string): number | null {
  const last = [...stdout.matchAll(/(?:online|在线)\D{0,3}(\d+)/g)].at(-1);
  return last === undefined ? null : Number(last[1]);
}

export const online: Exercise = {
  title: both('Who is online', '在线人数'),
  async check(stage: Stage) {
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

export const chat: Exercise = {
  title: both('A chat with names', '有名字的聊天室'),
  async check(stage: Stage) {
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
    await asks('who was refused may try another name', '被拒绝的人可以换一个名字',
      () => three.say('Cy'), three, ['Cy joined'], ['Cy joined'], ['Cy joined']);
    await asks('two messages in one packet are two lines', '同一个包里的两条消息是两句话', () => two.say('a', 'b'), two,
      ['王: a', '王: b'], ['王: a', '王: b'], ['王: a', '王: b']);
    await asks('the others are told who leaves', '其他人会得知谁离开了', () => two.vanish(), one, ['王 left'], [], ['王 left']);
    const four = await stage.join();
    four.vanish();
    await stage.printed(/客户端4主动关闭/);
    await asks('who leaves without a name leaves without a word; a name that was left is free',
      '没有名字的人离开时没有人得知；空出的名字可以再用', () => one.say('x'), one, ['Ann: x'], [], ['Ann: x']);
    players[1] = await stage.join();
    await asks('a name that was left is free again', '离开的人的名字可以再用', () => players[1]!.say('王'), players[1]!,
      ['王 joined'], ['王 joined'], ['王 joined']);
  },
};

/** What learners often do wrong is named by the checks. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checked } from './checkout.ts';
import { type Addition, SOLUTIONS } from './solutions.ts';

/** A solution with something in it replaced. */
function spoilt(number: number, from: string, to: string): Addition[] {
  const additions = SOLUTIONS[number - 1]!.map(([place, code]) => [place, code.replaceAll(from, () => to)] as Addition);
  assert.notDeepEqual(additions, SOLUTIONS[number - 1]);
  return additions;
}

describe('what often goes wrong is named', { concurrency: 4 }, () => {
  for (const [number, what, from, to, sentence] of [
    [1, 'the sender too', 'other !== socket', 'other', /gets it once\n +It got it 2 times/],
    [1, 'each frame', 'if (message.opcode <= BINARY) for', 'for',
      /✗ a Pong goes to nobody but/],
    [1, 'a Close too', 'message.opcode <= BINARY', 'message.opcode <= CLOSE', /✗ a Close goes to nobody but/],
    [1, 'as text', 'socket_write(other, returnMessage, strlen(returnMessage))',
      'socket_write(other, buildMsg(message.payload))',
      /✗ a binary message comes as a binary one/],
    [1, 'before the handshake', 'Object.values(handShake)', 'Object.values(sockets).filter((one) => one !== server)',
      /✗ who has not shaken hands gets nothing before its 101/],
    [2, 'the length of an array with holes', 'Object.keys(handShake).length', 'handShake.length', /count its keys/],
    
    [3, 'at any time', 'tempSelectRead.length + tempSelectWrite.length === 0', 'true',
      /✗ while client 2 talks, no time comes/],
    [3, 'the same again', 'new Date()', 'new Date(0)', /Make the text anew/],
    [4, 'when all is quiet', 'if (Date.now() - pinged >= 1000) {', 'if (handShake.length > 99) {',
      /✗ client 1 gets a Ping each second/],
    [4, 'nobody is left', 'leave(client)', 'void 0', /✗ client 3 answers no Ping/],
    [4, 'Pongs do not count', 'if (message.opcode === PONG) answered[socket.id] = Date.now();', '',
      /✗ client 1 answers each, and stays/],
    [5, 'a count that never begins anew', 'Date.now() - count.since >= 1000', 'false',
      /✗ a second later client 1 may send ten more/],
    [5, 'one count for all', 'counts[socket.id]!', 'counts[1]!',
      /✗ a message of 1,000 bytes is answered/],
    [5, 'a code that nobody may send', '1008', '1006', /✗ with a code that may be sent \(it is 1006\)/],
    [5, 'only after the answer', '> 10', '> 20', /There were 20\. Count before you answer/],
    [6, 'a name twice', 'names.includes(text)', 'false', /Client 1 should get nothing, and got "Ann joined"/],
    [6, 'nobody hears who leaves', '${name} left', '', /✗ the others are told who leaves/],
    [6, 'a name that stays taken', 'delete names[socket.id];', '', /✗ the others are told who leaves\n[^]*The server (has ended, and )?said:\n/],
  ] as const) {
    test(`${number}: ${what}`, async (t) => {
      const { status, stdout, stderr } = await checked(t, number, spoilt(number, from, to));
      assert.match(stdout, sentence);
      assert.deepEqual([status, stderr], [1, '']);
    });
  }
  test('2: nothing when one leaves', async (t) => {
    const { status, stdout } = await checked(t, 2, SOLUTIONS[1]!.filter(([place]) => place !== 'left'));
    assert.match(stdout, /Print it in leave too/);
    assert.equal(status, 1);
  });
  test('an error of the learner\'s own is shown', async (t) => {
    const { status, stdout } = await checked(t, 1, [['each message', 'nothing.at(all);']]);
    assert.equal(status, 1);
    assert.match(stdout, /Client 2 got nothing\.[^]*The server said:\n[^]*nothing is not defined/);
  });
  test('and one that ends the server', async (t) => {
    const { status, stdout } = await checked(t, 1, [...SOLUTIONS[0]!, ['left', 'nothing.at(all);']]);
    assert.equal(status, 1);
    assert.match(stdout, /The server has ended, and said:\n[^]*nothing is not defined/);
  });
});

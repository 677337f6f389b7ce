/** Each of the five steps does what the lesson says, and fails where the lesson says that it fails. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test, type TestContext } from 'node:test';
import { Child } from '../child.ts';
import { hex, READMES, run, TOP, TYPESCRIPT } from '../helpers.ts';
import { sharedProgram } from '../program.ts';
import { ACCEPT, frame, framesIn, KEY, request, REQUEST, Wire } from '../wire.ts';
import { TEXT } from '../../lib/websocket/frame.ts';

const STEPS = ['1_bytes', '2_handshake', '3_frame', '4_echo', '5_close'];
const fileOf = (step: number): string => `tests/lesson/steps/${STEPS[step - 1]}.ts`;
const linesOf = (step: number): string[] => readFileSync(`${TOP}/${fileOf(step)}`, 'utf8').trimEnd().split('\n');
const PAGES = Object.values(READMES).map((name) => readFileSync(`${TOP}/tests/lesson/${name}`, 'utf8'));

/** A step that listens: the process, what it has printed since, and its port. */
async function start(t: TestContext, step: number): Promise<{ child: Child; port: number; printed: () => string }> {
  const child = new Child(t, process.execPath, [...TYPESCRIPT, fileOf(step), '0']);
  const [, port] = await child.says('stdout', /^listening on ws:\/\/127\.0\.0\.1:(\d+)\nNow, in .*\n/);
  const from = child.stdout.length;
  return { child, port: Number(port), printed: () => child.stdout.slice(from) };
}

const open = async (t: TestContext, step: number) => {
  const started = await start(t, step);
  return { ...started, wire: await Wire.open({ host: '127.0.0.1', port: started.port }) };
};

/** As tests/lesson/send.ts prints it. */
const spaced = (bytes: Buffer): string => bytes.toString('hex').replace(/..(?=.)/g, '$& ');

/** "hello" in a frame that is whole: whoever is still there answers it. */
const MARK = frame(TEXT, 'hello'), MARK_BACK = '81 05 68 65 6c 6c 6f';

async function echo(port: number): Promise<void> {
  const wire = await Wire.open({ host: '127.0.0.1', port });
  wire.send(MARK);
  await wire.frame();
  wire.end();
}

interface Packet {
  bytes: string;
  /** What the server prints of it. */
  prints?: string[];
  /** The frames that it answers with. */
  answers?: string[];
}

interface Play {
  what: string;
  step: number;
  packets: Packet[];
  /** What the server prints of a whole "hello" behind it, and answers; null: the connection has ended. */
  then: Pick<Packet, 'prints' | 'answers'> | null;
}

const echoed = { prints: ["'hello'"], answers: [MARK_BACK] };

/** What the lesson has its reader send. */
const PLAYS: Play[] = [
  {
    what: 'step 2 prints a frame as it is', step: 2, then: { prints: ['<Buffer 81 85 37 fa 21 3d 5f 9f 4d 51 58>'] },
    packets: [{ bytes: '818537fa213d7f9f4d5158', prints: ['<Buffer 81 85 37 fa 21 3d 7f 9f 4d 51 58>'] }],
  },
  {
    what: 'step 3 reads a frame', step: 3, then: { prints: ["'hello'"] },
    packets: [{ bytes: '818537fa213d7f9f4d5158', prints: ["'Hello'"] }],
  },
  {
    what: 'step 3 loses the second of two frames in one packet', step: 3, then: { prints: ["'hello'"] },
    packets: [{ bytes: '818137fa213d56818137fa213d55', prints: ["'a'"] }],
  },
  {
    what: 'step 3 takes each half of a frame for a frame', step: 3, then: { prints: ["'hello'"] },
    packets: [{ bytes: '818537fa213d7f9f', prints: ["'He'"] }, { bytes: '4d5158', prints: ["''"] }],
  },
  {
    what: 'step 4 answers two frames in one packet', step: 4, then: echoed,
    packets: [{ bytes: '818137fa213d56818137fa213d55', prints: ["'a'", "'b'"], answers: ['81 01 61', '81 01 62'] }],
  },
  {
    what: 'step 4 answers one frame in two packets', step: 4, then: echoed,
    packets: [{ bytes: '818537fa213d7f9f' }, { bytes: '4d5158', prints: ["'Hello'"], answers: ['81 05 48 65 6c 6c 6f'] }],
  },
  {
    what: 'step 4 answers a Close with text, and the connection stays', step: 4, then: echoed,
    packets: [{ bytes: '888237fa213d3412', prints: ["'\\x03�'"], answers: ['81 02 03 e8'] }],
  },
  {
    what: 'step 5 answers a Ping with a Pong, and a Close with a Close, and ends', step: 5, then: null,
    packets: [{ bytes: '898237fa213d5f93', answers: ['8a 02 68 69'] }, { bytes: '888237fa213d3412', answers: ['88 02 03 e8'] }],
  },
  {
    what: 'step 5 takes each fragment for a message', step: 5, then: echoed,
    packets: [{ bytes: '018337fa213d7f9f4d', prints: ["'Hel'"], answers: ['81 03 48 65 6c'] },
      { bytes: '808237fa213d5b95', prints: ["'lo'"], answers: ['80 02 6c 6f'] }],
  },
  { what: 'step 5 waits for a payload of 2 to the 63rd bytes, less one', step: 5, then: {},
    packets: [{ bytes: '81ff7fffffffffffffff37fa213d' }] },
  {
    what: 'step 5 echoes text that is not UTF-8', step: 5, then: echoed,
    packets: [{ bytes: '818137fa213dc8', prints: ["'�'"], answers: ['81 01 ff'] }],
  },
  {
    what: 'step 5 answers an opcode that does not exist', step: 5, then: echoed,
    packets: [{ bytes: '838037fa213d', prints: ["''"], answers: ['83 00'] }],
  },
];

for (const { what, step, packets, then } of PLAYS) {
  test(what, async (t) => {
    const { child, wire, port, printed } = await open(t, step);
    let prints = '';
    const plays: { bytes: Buffer; prints?: string[]; answers?: string[] }[] =
      packets.map((packet) => ({ ...packet, bytes: hex(packet.bytes) }));
    if (then !== null) plays.push({ ...then, bytes: MARK });
    for (const packet of plays) {
      wire.send(packet.bytes);
      const due = hex((packet.answers ?? []).join(''));
      assert.equal(spaced(await wire.take(due.length)), spaced(due));
      prints += (packet.prints ?? []).map((line) => `${line}\n`).join('');
      while (printed().length < prints.length) await child.says('stdout', new RegExp(`^[^]{${child.stdout.length + 1}}`));
      assert.equal(printed(), prints);
    }
    if (then === null) assert.equal((await wire.rest()).length, 0);
    // Once another client is answered, no answer to this one is on its way
    else if (step > 3) await echo(port);
    assert.equal(wire.length, 0);
  });
}

test('both pages have these bytes, and what comes of them', () => {
  for (const page of PAGES) {
    const sections = page.split(/^### /m);
    for (const { step, packets } of PLAYS) {
      const bytes = packets.map((packet) => packet.bytes).join(' ');
      const answers = packets.flatMap((packet) => packet.answers ?? []), prints = packets.flatMap((packet) => packet.prints ?? []);
      // A row of the table; or a command, and the block below it: of send.ts, or of the server
      const row = page.split('\n').find((line) => line.startsWith(`| \`${bytes}\` |`));
      const [, block = ''] = new RegExp(`send\\.ts ${bytes}\n[^]*?\`text\n([^]*?)\`\`\``).exec(sections[step]!) ?? [];
      const frames = Array.from(block.matchAll(/^< ([\da-f]{2}( [\da-f]{2})*)( {3}|$)/gm), ([, frame]) => frame);
      if (row !== undefined) assert.deepEqual(answers.filter((answer) => !row.includes(`\`${answer}\``)), [], row);
      else if (block.startsWith('>')) assert.deepEqual(frames, answers, block);
      else assert.equal(block, prints.map((line) => `${line}\n`).join(''), bytes);
    }
  }
});

describe('what step 5 still gets wrong, server.ts gets right', () => {
  const shared = sharedProgram('--quiet');
  for (const [what, bytes, answer] of [
    ['fragments are one message', '018337fa213d7f9f4d 808237fa213d5b95', /^81 05 48 65 6c 6c 6f$/],
    ['a payload too long has a Close with 1009', '81ff7fffffffffffffff37fa213d', /^88 .. 03 f1/],
    ['text that is not UTF-8 has a Close with 1007', '818137fa213dc8', /^88 .. 03 ef/],
    ['an opcode that does not exist has a Close with 1002', '838037fa213d', /^88 .. 03 ea/],
  ] as const) {
    test(what, async () => {
      const wire = await Wire.open(shared.program.where);
      wire.send(hex(bytes));
      await wire.comes(() => framesIn(wire.peek()).length > 0, Infinity);
      assert.match(spaced(framesIn(wire.peek())[0]!.whole), answer);
      wire.end();
    });
  }
});

test('step 1 prints a request and answers nothing', async (t) => {
  const { child, port } = await start(t, 1);
  const wire = await Wire.connect({ host: '127.0.0.1', port });
  wire.send(REQUEST);
  await child.says('stdout', /<Buffer 47 45 54 20 2f 20 .*>\n'GET \/ HTTP\/1\.1\\r\\n' \+\n {2}'Host: 127\.0\.0\.1\\r\\n'/);
  wire.end();
  assert.equal((await wire.rest()).length, 0);
});

for (const step of [2, 3, 4, 5]) {
  test(`step ${step} shakes hands, in any spelling of the key's name, and gives an address bar help`, async (t) => {
    const { port } = await start(t, step);
    const wire = await Wire.connect({ host: '127.0.0.1', port });
    wire.send(request({ 'Sec-WebSocket-Key': null, 'sec-websocket-key': KEY }));
    assert.equal(await wire.head(), 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      `Sec-WebSocket-Accept: ${ACCEPT}\r\n\r\n`);
    wire.end();
    const bar = await Wire.connect({ host: '127.0.0.1', port });
    bar.send('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
    assert.match(await bar.head(), /^HTTP\/1\.1 200 /);
    assert.match((await bar.rest()).toString(), /new WebSocket\(/);
  });
}

test('a request in two packets gets the help from step 3, and the handshake from step 4', async (t) => {
  for (const [step, status] of [[3, 200], [4, 101]] as const) {
    const { port } = await start(t, step);
    const wire = await Wire.connect({ host: '127.0.0.1', port });
    wire.send(REQUEST.slice(0, 30));
    // Step 3 answers now; step 4 has nothing to say yet
    if (step === 3) await wire.comes(() => wire.length > 0, Infinity);
    wire.send(REQUEST.slice(30));
    assert.match(await wire.head(), new RegExp(`^HTTP/1\\.1 ${status} `));
    wire.end();
  }
});

for (const length of [125, 126, 65535, 65536]) {
  test(`step 5 echoes ${length} bytes, as server.ts does`, async (t) => {
    const { wire } = await open(t, 5);
    wire.send(frame(TEXT, 'x'.repeat(length)));
    const { first, payload } = await wire.frame();
    assert.deepEqual([first, payload.toString()], [0x81, 'x'.repeat(length)]);
  });
}

test("a client's reset ends no step", async (t) => {
  for (const step of [1, 2, 3, 4, 5]) {
    const { port, child } = await start(t, step);
    const wire = await Wire.connect({ host: '127.0.0.1', port });
    wire.send(REQUEST);
    if (step > 1) await wire.head();
    else await child.says('stdout', /Buffer/);
    wire.reset();
    await child.says('stdout', /ECONNRESET/);
    assert.notEqual(await Wire.knock(port), null);
  }
});

test('a port that is in use is told in a sentence', async (t) => {
  const { port } = await start(t, 1);
  for (const step of [1, 2, 3, 4, 5]) {
    const { status, stdout, stderr } = await run(fileOf(step), String(port));
    assert.deepEqual([status, stdout], [1, '']);
    assert.match(stderr, /address already in use .*\. Add another port: 8082\n$/);
  }
});

test('each step is the one before and a few lines more, 15 to 80 in all', () => {
  for (const step of [1, 2, 3, 4, 5]) {
    const lines = linesOf(step);
    assert.ok(lines.length >= 15 && lines.length <= 80, `step ${step} has ${lines.length} lines`);
    if (step === 1) continue;
    const gone = linesOf(step - 1).filter((line) => !lines.includes(line));
    assert.ok(gone.length <= 12, `step ${step} leaves out of the one before:\n${gone.join('\n')}`);
  }
});

test('send.ts prints what crosses, and says in a sentence why it cannot', async (t) => {
  const send = 'tests/lesson/send.ts';
  const { port } = await start(t, 5);
  const { stdout } = await run(send, '--port', `${port}`, '818537fa213d7f9f4d5158', '888237fa213d3412');
  assert.equal(stdout, `> GET / HTTP/1.1 ...
< HTTP/1.1 101 Switching Protocols ...
> 81 85 37 fa 21 3d 7f 9f 4d 51 58
< 81 05 48 65 6c 6c 6f   "Hello"
> 88 82 37 fa 21 3d 34 12
< 88 02 03 e8   Close 1000 ""
< (the end of the connection)
`);
  for (const args of [[], ['8'], ['hello']]) {
    const { status, stderr } = await run(send, ...args);
    assert.deepEqual([status, stderr.slice(0, 6)], [2, 'Usage:']);
  }
  const silent = await start(t, 1);
  const { status, stderr } = await run(send, '--port', `${silent.port}`, '8180');
  assert.deepEqual([status, stderr], [2, 'The server does not answer\n']);
});

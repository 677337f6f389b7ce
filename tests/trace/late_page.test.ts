/** The page is loaded for the first browser: what it and the others get meanwhile. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LatePage } from '../../lib/trace/late_page.ts';
import { wholePage } from '../../lib/trace/page.ts';
import { FrameInbox } from '../../lib/websocket/codec.ts';
import { getRequest } from '../../lib/websocket/handshake.ts';
import { type Socket, socket_close, socket_read, socket_select } from '../../lib/php/sockets.ts';
import { accept, keyed, listening } from '../accepted.ts';
import { Program } from '../program.ts';
import { frame, request, Wire } from '../wire.ts';

const html = Buffer.from(wholePage());
/** An address bar's. */
const PAGE = request({ 'Upgrade': null, 'Connection': 'keep-alive', 'Sec-WebSocket-Key': null, 'Sec-WebSocket-Version': null });

test('the first browsers get the whole page, those too that end with their request or send one more behind it', async (t) => {
  const program = await Program.start(t);
  const wires = await Promise.all([1, 2, 3].map(() => Wire.connect(program.where)));
  wires[0]!.send(PAGE);
  wires[1]!.socket.end(PAGE);
  wires[2]!.send(PAGE, PAGE);
  for (const wire of wires) {
    assert.match(await wire.head(), /^HTTP\/1\.1 200 OK\r\n/);
    assert.deepEqual(await wire.rest(), html);
    wire.end();
  }
});

test('a page from before the server\'s restart may watch at once, and what follows its request comes after it', async (t) => {
  const program = await Program.start(t), { host } = new URL(program.url), wire = await Wire.connect(program.where);
  const asked = request({ Host: host, Origin: `http://${host}` }, 'GET /trace/0123456789abcdef0123456789abcdef HTTP/1.1');
  wire.send(asked, frame(0x9, 'ping'));
  assert.match(await wire.head(), /^HTTP\/1\.1 101 /);
  const frames = [await wire.frame(), await wire.frame()];
  assert.deepEqual(frames.map(({ first }) => first).sort(), [0x81, 0x8a]);
  wire.end();
});

test('a client that is reset while the page is loaded is active at once, and the page does not bring it back', async (t) => {
  const { socket, peer } = await accept(t, await listening(t)), inbox = new FrameInbox(), selectWrite: Socket[] = [];
  const page = new LatePage({ sockets: [], selectWrite }, () => {}), load = page.load.bind(page);
  let proceed = (): void => {};
  const mayLoad = new Promise<void>((resolve) => { proceed = resolve; });
  page.load = async () => mayLoad.then(load);
  inbox.push(Buffer.from(PAGE));
  assert.equal(page.answers(socket, inbox, getRequest(inbox)!), true);
  assert.deepEqual((await socket_select(null, selectWrite, null, 0)).write, [], 'it waits');
  peer.resetAndDestroy();
  assert.deepEqual((await socket_select(null, selectWrite, null, null)).write, [socket]);
  assert.equal(socket_read(socket, 65536), false);
  socket_close(socket);
  proceed();
  await page.load();
  assert.deepEqual((await socket_select(keyed(socket), selectWrite, null, 0)), { read: [], write: [], except: [] });
});

test('without descriptors the first browser gets 500, and a later one the page', {
  skip: process.platform !== 'linux' && 'ulimit counts otherwise',
}, async (t) => {
  const program = await Program.startIn('ulimit -n 64; exec "$@"', t, '--quiet');
  t.after(() => Wire.cutAll());
  const browser = await Wire.connect(program.where), wires: Wire[] = [];
  while (!program.stderr.includes('Cannot accept a client')) {
    await Wire.open(program.where).then((wire) => wires.push(wire), () => {});
  }
  browser.send(PAGE);
  assert.match(await browser.head(), /^HTTP\/1\.1 500 /);
  browser.end();
  for (const wire of wires) wire.socket.destroy();
  while ((await program.stats())['sockets'] !== 1);
  const later = await Wire.connect(program.where);
  later.send(PAGE);
  assert.match(await later.head(), /^HTTP\/1\.1 200 /);
  later.end();
});

test('--trace shows the first request once', async (t) => {
  const program = await Program.start(t, '--trace'), wire = await Wire.connect(program.where);
  wire.send(PAGE);
  await wire.rest();
  wire.end();
  await program.printed('HTTP/1.1 200 OK');
  assert.equal(program.stdout.split('GET / HTTP/1.1').length, 2);
});

test('other clients do not load it; the first browser waits in step 8, and nothing of it is lost', async (t) => {
  const { socket } = await accept(t, await listening(t)), sockets: Socket[] = [], selectWrite: Socket[] = [];
  let loads = 0;
  const page = new LatePage({ sockets, selectWrite }, () => {}), load = page.load.bind(page);
  page.load = () => {
    loads++;
    return load();
  };
  const answers = (bytes: string): boolean => {
    const inbox = new FrameInbox();
    inbox.push(Buffer.from(bytes));
    return page.answers(socket, inbox, getRequest(inbox)!);
  };
  sockets[socket.id] = socket;
  for (const target of ['/', '/chat', '/?trace=0123456789abcdef0123456789abcdef']) {
    assert.equal(answers(request({}, `GET ${target} HTTP/1.1`)), false);
  }
  assert.deepEqual([loads, Object.keys(selectWrite)], [0, []]);
  assert.equal(answers(`${PAGE}more`), true);
  assert.deepEqual([loads, Object.keys(sockets), selectWrite[socket.id], socket.held], [1, [], socket, true]);
  assert.deepEqual(socket_read(socket, 65536), Buffer.from(`${PAGE}more`));
});

test('when the page cannot be loaded, the first browser is let go, and the reason is told', async (t) => {
  const { socket } = await accept(t, await listening(t)), inbox = new FrameInbox(), fault = new Error('no such file');
  const left = await new Promise((resolve) => {
    const page = new LatePage({ sockets: [], selectWrite: [] }, (...words) => resolve(words));
    page.load = () => Promise.reject(fault);
    inbox.push(Buffer.from(PAGE));
    page.answers(socket, inbox, getRequest(inbox)!);
  });
  assert.deepEqual(left, [socket, 6, fault]);
});

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, lstat, mkdir, readdir, readFile, symlink, unlink, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { socket_close } from '../../lib/php/sockets.ts';
import { unlinkStale } from '../../lib/php/unix.ts';
import { accept, listening } from '../accepted.ts';
import { folder } from '../helpers.ts';

/** A process that listens at the path and then accepts nobody, since it does nothing at all any more. */
async function listener(t: TestContext, path: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['-e', `
    require('node:net').createServer().listen({ path: ${JSON.stringify(path)}, backlog: 1 }, () => {
      require('node:fs').writeSync(1, 'listening');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    });
  `]);
  t.after(() => kill(child));
  await once(child.stdout!, 'data');
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'close');
}

/** The path of a socket whose process has died. */
async function stale(t: TestContext, path: string): Promise<string> {
  await kill(await listener(t, path));
  assert.equal(await isThere(path), true, 'it is left behind');
  return path;
}

async function isThere(path: string): Promise<boolean> {
  return lstat(path).then(() => true, () => false);
}

describe('unlinkStale()', () => {
  test('unlinkStale() removes the socket of a process that was killed: the path is free again', async (t) => {
    const top = await folder(t), path = await stale(t, join(top, 'my.sock'));
    // Again, and where no folder is, there is nothing to do
    for (const one of [path, path, join(top, 'no', 'my.sock')]) await unlinkStale(one);
    assert.equal(await isThere(path), false);
    const server = net.createServer().listen(path);
    t.after(() => server.close());
    await once(server, 'listening');
  });

  test('unlinkStale() leaves the socket of one that listens, and hangs up at once', { timeout: 60_000 }, async (t) => {
    const path = join(await folder(t), 'my.sock');
    const server = net.createServer().listen(path);
    t.after(() => server.close());
    await once(server, 'listening');
    const visit = new Promise<number>((resolve) => {
      server.on('connection', (visitor) => {
        t.after(() => visitor.destroy());
        visitor.resume().on('close', () => resolve(visitor.bytesRead));
      });
    });
    await unlinkStale(path);
    assert.equal(await isThere(path), true);
    assert.equal(await visit, 0);
  });

  // It refuses nobody for ever: EAGAIN, not ECONNREFUSED
  test('unlinkStale() leaves the socket of one that is too busy to accept', async (t) => {
    const path = join(await folder(t), 'my.sock');
    await listener(t, path);
    const clients: net.Socket[] = [];
    t.after(() => clients.forEach((client) => client.destroy()));
    let refusal: NodeJS.ErrnoException | null = null;
    while (refusal === null) {
      const client = net.connect(path);
      clients.push(client);
      refusal = await new Promise((resolve) => client.on('connect', () => resolve(null)).on('error', resolve));
    }
    assert.notEqual(refusal.code, 'ECONNREFUSED');
    await unlinkStale(path);
    assert.equal(await isThere(path), true);
  });

  test('unlinkStale() leaves what is no socket: a file, a folder, a link to a stale socket', async (t) => {
    const top = await folder(t);
    const file = join(top, 'file'), inner = join(top, 'folder'), link = join(top, 'link');
    const target = await stale(t, join(top, 'my.sock'));
    await writeFile(file, 'precious');
    await mkdir(inner);
    await symlink(target, link);
    for (const path of [file, inner, link]) await unlinkStale(path);
    assert.equal(await readFile(file, 'utf8'), 'precious');
    assert.equal((await lstat(inner)).isDirectory(), true);
    assert.equal((await lstat(link)).isSymbolicLink(), true);
    assert.equal(await isThere(target), true);
  });

  // "Anything else that is there stays: socket_listen then says EADDRINUSE", and giveUp has one line for that
  test('unlinkStale() leaves a stale socket that it may not remove, and does not end the program', async (t) => {
    const top = await folder(t);
    const path = await stale(t, join(top, 'my.sock'));
    await chmod(path, 0o777);
    await chmod(top, 0o555);
    const isRoot = process.getuid?.() === 0;
    // root may do anything, so for a moment we are nobody
    if (isRoot) process.seteuid!(65534);
    try {
      await assert.doesNotReject(unlinkStale(path));
    } finally {
      if (isRoot) process.seteuid!(0);
      await chmod(top, 0o700);
    }
    assert.equal(await isThere(path), true);
  });
});

describe('a server that ends', () => {
  test('removes its path', async (t) => {
    const path = join(await folder(t), 'my.sock');
    socket_close(await listening(t, path));
    assert.equal(await isThere(path), false);
  });

  test('leaves the path to another server that has taken it over', async (t) => {
    const top = await folder(t), path = join(top, 'my.sock');
    const first = await listening(t, path);
    await unlink(path);
    const second = await listening(t, path);
    socket_close(first);
    await accept(t, second);
    socket_close(second);
    assert.deepEqual(await readdir(top), []);
  });

  test('leaves a file that has its name now', async (t) => {
    const path = join(await folder(t), 'my.sock'), server = await listening(t, path);
    await unlink(path);
    await writeFile(path, 'precious');
    socket_close(server);
    assert.equal(await readFile(path, 'utf8'), 'precious');
  });
});

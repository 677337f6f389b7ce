/** Clients of a server in this process, as the loop has them when it has accepted them. */
import assert from 'node:assert/strict';
import net from 'node:net';
import type { TestContext } from 'node:test';
import {
  AF_INET, AF_UNIX, SOCK_STREAM, type Socket, socket_accept, socket_bind, socket_close, socket_create,
  socket_getsockname, socket_listen, socket_select,
} from '../lib/php/sockets.ts';

export interface Accepted {
  socket: Socket;
  /** The client's own end. */
  peer: net.Socket;
}

/** A server that listens until the test is over, on a free port of 127.0.0.1 where no path is given. */
export async function listening(t: TestContext, path?: string): Promise<Socket> {
  const server = socket_create(path === undefined ? AF_INET : AF_UNIX, SOCK_STREAM, 0);
  t.after(() => socket_close(server));
  socket_bind(server, path ?? '127.0.0.1');
  await socket_listen(server);
  return server;
}

/** The next client of this server. */
export async function accept(t: TestContext, server: Socket): Promise<Accepted> {
  const name = socket_getsockname(server);
  assert.ok(name);
  const peer = net.connect(server.domain === AF_UNIX ? { path: name.address } : { host: name.address, port: name.port });
  peer.on('error', () => {});
  const sockets: Socket[] = [];
  sockets[server.id] = server;
  await socket_select(sockets, null, null, null);
  const socket = socket_accept(server);
  assert.ok(socket);
  t.after(() => {
    peer.destroy();
    socket_close(socket);
  });
  return { socket, peer };
}

/** Clients of a server in this process, as the loop has them when it has accepted them. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
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

/** These as the loop has them: by their numbers. */
export function keyed(...sockets: Socket[]): Socket[] {
  const array: Socket[] = [];
  for (const socket of sockets) array[socket.id] = socket;
  return array;
}

/** Until this socket is active for reading. */
export async function active(socket: Socket): Promise<void> {
  assert.deepEqual((await socket_select(keyed(socket), null, null, null)).read, [socket]);
}

/** A client's own end, connected; it does not end when the server does. */
export async function connect(t: TestContext, server: Socket): Promise<net.Socket> {
  const name = socket_getsockname(server);
  assert.ok(name);
  const where = server.domain === AF_UNIX ? { path: name.address } : { host: name.address, port: name.port };
  const peer = net.connect({ ...where, allowHalfOpen: true }).on('error', () => {});
  t.after(() => peer.destroy());
  await once(peer, 'connect');
  return peer;
}

/** The next client of this server. */
export async function accept(t: TestContext, server: Socket): Promise<Accepted> {
  const peer = await connect(t, server);
  await active(server);
  const socket = socket_accept(server);
  assert.ok(socket);
  t.after(() => socket_close(socket));
  return { socket, peer };
}

/** Both ends of a connection: the client's own, and the socket here. */
export async function pair(t: TestContext): Promise<[net.Socket, Socket]> {
  const { socket, peer } = await accept(t, await listening(t));
  return [peer, socket];
}

/** The same with Node's stream in place of the socket, from which nothing is read yet. */
export async function streams(t: TestContext): Promise<[net.Socket, net.Socket]> {
  const server = net.createServer({ allowHalfOpen: true, pauseOnConnect: true, highWaterMark: 64 * 1024 });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const peer = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1');
  const [stream] = await once(server, 'connection') as [net.Socket];
  server.close();
  t.after(() => { peer.destroy(); stream.destroy(); });
  return [peer, stream];
}

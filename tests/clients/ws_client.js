/** The client of npm's ws, which can ping too. Usage: node ws_client.js ws://... */
import { once } from 'node:events';
import WebSocket from 'ws';
import { play } from './play.js';
import scenes from './scenes.json' with { type: 'json' };

const url = process.argv[2];
const pong = await ping();
console.log(JSON.stringify({ ...await play(WebSocket, url), pong }));

async function ping() {
  const socket = new WebSocket(url);
  await once(socket, 'open');
  socket.ping(scenes.ping);
  const [payload] = await once(socket, 'pong');
  socket.close();
  return payload.toString();
}

/** Node's own WebSocket. Usage: node node_client.js ws://... (Node 20: --experimental-websocket) */
import { play } from './play.js';

console.log(JSON.stringify(await play(WebSocket, process.argv[2])));

/** Bun's own server. Usage: bun bun_fastest.js PORT [deflate] */
const [port, deflate] = process.argv.slice(2), perMessageDeflate = deflate === 'deflate';

Bun.serve({
  hostname: '127.0.0.1', port: Number(port),
  fetch: (request, server) => server.upgrade(request) ? undefined : new Response(null, { status: 426 }),
  websocket: {
    perMessageDeflate,
    // It compresses an answer only when it is told
    message(socket, data) { socket.send(data, perMessageDeflate); },
  },
});

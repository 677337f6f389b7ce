/**
 * The scenes for whatever has the browser's WebSocket API: browsers, Node and ws share this file, so that what differs
 * in their reports is their own.
 */
import scenes from './scenes.json' with { type: 'json' };

const { messages, close } = scenes;

/** Resolves when the connection is closed, by whom and however early: a report of half the answers tells where. */
export async function play(WebSocket, url) {
  const socket = new WebSocket(url);
  socket.binaryType = 'arraybuffer';
  const send = (message) => socket.send(typeof message === 'string' ? message : bytesOf(message));
  const answers = [];
  socket.onopen = () => send(messages[0]);
  socket.onmessage = ({ data }) => {
    answers.push(data);
    if (answers.length < messages.length) send(messages[answers.length]);
    else if (answers.length === messages.length) messages.forEach(send);
    else if (answers.length === 2 * messages.length) socket.close(close.code, close.reason);
  };
  socket.onerror = ({ message }) => console.error(message);
  const { wasClean, code, reason } = await new Promise((resolve) => { socket.onclose = resolve; });
  return { answers: await Promise.all(answers.map(describe)), close: { wasClean, code, reason } };
}

function bytesOf({ binary }) {
  return Uint8Array.from({ length: binary }, (_, i) => i % 251);
}

async function describe(data) {
  if (typeof data === 'string') return data;
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', data));
  const sha256 = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return { binary: data.byteLength, sha256 };
}

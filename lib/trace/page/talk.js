/** The two WebSockets, and what one can do with them. */
'use strict';

/** 16 random bytes: who does not know them sees nothing of this page's connection. */
const id = hexOf(crypto.getRandomValues(new Uint8Array(16))).replaceAll(' ', '');

/** null while there is none. */
let watcher = null, watched = null;

/** Whether the server tells what crosses the wire; null until that is known. */
let hasTrace = null;

/** Where the page came from; from a file, the server's own default. */
function addressOf(path) {
  const base = /^https?:$/.test(location.protocol) ? location.href : 'http://127.0.0.1:8081/';
  return new URL(path, base).href.replace(/^http/, 'ws');
}

/** The watcher first, so that nothing crosses unseen. Resolves when it is open, or known not to come. */
function watch() {
  if (watcher !== null && watcher.readyState <= WebSocket.OPEN) return watcher.opened;
  watcher = new WebSocket(addressOf(`trace/${id}`));
  watcher.onmessage = ({ data }) => { if (typeof data === 'string') takeTrace(data); };
  watcher.opened = new Promise((resolve) => {
    const settle = (value) => {
      hasTrace = value;
      drawBreaks();
      drawCount(false);
      resolve();
    };
    watcher.onopen = () => settle(true);
    watcher.onclose = () => settle(false);
  });
  return watcher.opened;
}

/** Resolves when it is open, or known not to come. */
async function connect() {
  if (watched !== null) return;
  isAsked = false;
  // Its place is taken while the watcher is on its way
  const place = watched = { readyState: WebSocket.CONNECTING, close() { watched = null; } };
  drawStatus();
  await watch();
  if (watched !== place) return drawStatus();
  const socket = watched = new WebSocket(addressOf(`?trace=${id}`));
  socket.binaryType = 'arraybuffer';
  socket.onmessage = ({ data }) => say('server', data);
  drawStatus();
  await new Promise((resolve) => {
    socket.onopen = () => {
      say('page', 'logOpen');
      drawStatus();
      resolve();
    };
    socket.onclose = ({ code, reason }) => {
      watched = null;
      if (code === 1006) say('page', 'logLost');
      else say('page', 'logClosed', { code, reason: reasonIn(reason) });
      drawStatus();
      resolve();
    };
  });
}

/** Resolves when there is no connection. */
function hangUp() {
  const socket = watched;
  socket?.close(1000);
  drawStatus();
  return new Promise((resolve) => {
    if (socket instanceof WebSocket) socket.addEventListener('close', resolve);
    else resolve();
  });
}

function command(what) {
  if (watcher?.readyState === WebSocket.OPEN) watcher.send(JSON.stringify(what));
}

function sendText(text) {
  if (watched?.readyState !== WebSocket.OPEN) return;
  watched.send(text);
  say('you', text);
}

const isOpen = () => watched?.readyState === WebSocket.OPEN;

function drawStatus() {
  const state = ['connecting', 'open', 'closing', 'closed'][watched?.readyState ?? 3];
  $('status').textContent = `● ${t(state)}`;
  $('status').className = `small ${state === 'open' ? 'server' : 'soft'}`;
  enable($('connect'), state === 'closed');
  for (const id of ['ping', 'cut']) enable($(id), isOpen() && hasTrace);
  for (const button of document.querySelectorAll('#send button.main, #close button')) enable(button, isOpen());
  enable($('flip-send'), state !== 'closing' && hasTrace);
}

/** A button that is really disabled would lose the focus: one works with the keyboard, too. */
function enable(button, isEnabled) {
  button.setAttribute('aria-disabled', String(!isEnabled));
}

const isEnabled = (button) => button.getAttribute('aria-disabled') !== 'true';

function drawBreaks() {
  const buttons = table.breaks.map(({ what, code, bytes }) => {
    const name = own(VIOLATIONS, what) ?? cut(what, 40);
    const button = el('button', { type: 'button', 'data-what': what }, pick(name), ' ',
      el('span', { class: 'soft small' }, code > 0 ? `→ ${code}` : ''));
    button.addEventListener('click', () => {
      loadFlip(bytes, { text: 'flipLoaded', values: { what: name } });
      $('flip-frame').scrollIntoView();
    });
    return button;
  });
  $('breaks').lastElementChild.replaceChildren(...buttons);
  $('breaks-hint').textContent = t(hasTrace === false ? 'noTrace' : 'breaksHint');
  drawStatus();
}

/** The rule that the reason of a Close names, in Chinese behind it: the reason itself crossed the wire in English. */
function reasonIn(reason) {
  const rule = RULES.find((one) => reason.includes(one.reason));
  return [reason, rule === undefined ? reason : `${reason}（${rule.says[1]}）`];
}

/** What was said, oldest first: { who, what, values }. `what` is a key of WORDS where values are given, else a message. */
let log = [];

function say(who, what, values = who === 'page' ? {} : undefined) {
  log.push({ who, what: typeof what === 'string' ? cut(what, 500) : what.byteLength, values, size: sizeOf(what) });
  log.splice(0, log.length - MAX_LOG);
  $('log').append(logLine(log.at(-1)));
  while ($('log').childElementCount > MAX_LOG) $('log').firstElementChild.remove();
  $('log').scrollTop = $('log').scrollHeight;
}

const sizeOf = (message) => typeof message === 'string' ? message.length : message.byteLength;

function logLine({ who, what, values, size }) {
  const side = { you: 'client', server: 'server', page: 'soft' }[who];
  return el('p', {}, el('span', { class: `who ${side}` }, `${t(who)} `), logText(what, values, size));
}

function logText(what, values, size) {
  if (typeof what === 'number') return `[${bytesOf(size)}]`;
  if (values === undefined) return what === '' ? t('emptyMessage') : what;
  return t(what, inWords(values));
}

/** Values in the reader's language, where they have one. */
function inWords(values) {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, typeof value === 'object' ? pick(value) : value]));
}

/** The message that the form holds; null, and the form says why, where it holds none. */
function messageOf(as) {
  if (as === 'text') return $('text').value;
  if (as === 'size') return new Uint8Array(SIZES[$('size').value]).map((_, i) => i);
  const bytes = fromHex($('hex').value);
  complain('send-error', bytes === null ? t('badHex') : '');
  return bytes;
}

function complain(where, text) {
  $(where).textContent = text;
  $(where).hidden = text === '';
}

function sendForm(event) {
  event.preventDefault();
  complain('send-error', '');
  const message = messageOf(new FormData($('send')).get('as'));
  if (message === null || !isOpen()) return;
  watched.send(message);
  say('you', typeof message === 'string' ? message : message.buffer, undefined);
}

function closeForm(event) {
  event.preventDefault();
  if (!isOpen()) return;
  const code = Number($('code').value), reason = $('reason').value;
  complain('close-error', NEVER_SENT.includes(code) ? t('neverSent', { code, why: pick(CODES[code]) }) : '');
  if (NEVER_SENT.includes(code)) return;
  if (new FormData($('close')).get('by') === 'server') {
    say('you', 'logClose', {});
    return command({ do: 'close', code, reason });
  }
  try {
    watched.close(code, reason);
  } catch (error) {
    // The browser's own words: which codes a page may send is its rule
    complain('close-error', t('badCode', { why: error.message }));
  }
  drawStatus();
}

function chooseKind() {
  const as = new FormData($('send')).get('as');
  for (const part of document.querySelectorAll('[data-as]')) part.hidden = part.dataset.as !== as;
  complain('send-error', '');
  flipMessage();
}

function drawSize() {
  const text = number(SIZES[$('size').value]);
  $('size-value').textContent = text;
  $('size').setAttribute('aria-valuetext', text);
}

/** The article's story, a scene a step. */
'use strict';

// The article's calls, and what calls the same in that step of server.ts: the page shows the server's own line.
// act: what this page does for it. shows: the event that proves it. lights: its fields or lines that the scene speaks of.
const STORY = [
  { step: 1, act: () => connect(),
    php: 'socket_listen($server, 10);',
    calls: 'socket_listen',
    says: ['The server was listening before you came. Your browser connects now: its request and the answer cross the wire. Step by step, this is what happened.',
      '你来之前服务器就在监听。现在你的浏览器来连接：请求和应答经过了线路。下面一步一步看发生了什么。'] },
  { step: 2,
    php: 'socket_select($tempSelectRead, $tempSelectWrite, $except, null);',
    calls: 'socket_select',
    says: ['The server waits. One call watches all sockets at once: the listening one and every client’s.',
      '服务器在等待。一个调用同时看着所有套接字：监听的那个，以及每个客户端的。'] },
  { step: 3,
    php: '$client = socket_accept($socket);',
    calls: 'socket_accept',
    says: ['You came, so the listening socket is active. The server accepts you: one more socket in its array.',
      '你来了，监听的套接字就有了动静。服务器接受你：数组里多了一个套接字。'] },
  { step: 4,
    php: '$buff = socket_read($socket, 1024);',
    calls: 'socket_read',
    says: ['Your own socket is active, since bytes have come. The server reads them.',
      '字节到了，于是你自己的套接字也有了动静。服务器读取这些字节。'] },
  { step: 6, shows: (event) => event.kind === 'request', lights: ['upgrade', 'sec-websocket-key'],
    php: 'preg_match("/Sec\\-WebSocket\\-Key:\\s(.*)\\r\\n/", $buff, $result)',
    calls: 'getRequest',
    says: ['The bytes are an HTTP request. It asks to upgrade to WebSocket, and brings a random key.',
      '这些字节是一个 HTTP 请求：要求升级为 WebSocket，并带来一个随机的 key。'] },
  { step: 6, shows: (event) => event.kind === 'response', lights: ['sec-websocket-accept'],
    php: '$acceptWsKey = base64_encode(sha1($wsKey . $guid, true));',
    calls: 'hash',
    says: ['The key and a fixed GUID, through SHA-1, in base64: the answer of a server that knows WebSocket.',
      'key 接上固定的 GUID，取 SHA-1，再用 base64 编码：懂 WebSocket 的服务器才会这样应答。'] },
  { step: 6, shows: (event) => event.kind === 'response', lights: ['status line'],
    php: 'socket_write($socket, $responseHttpHeader, strlen($responseHttpHeader));',
    calls: 'socket_write',
    says: ['101 Switching Protocols ends the HTTP part. From here on both sides send frames.',
      '101 Switching Protocols 结束了 HTTP 部分。此后双方发送的都是帧。'] },
  { step: 7, act: () => sendText('hello'), shows: (event) => isFrame(event, 'client', 1), lights: ['MASK', 'masking key', 'payload'],
    php: '$message = getMsg($buff);',
    calls: 'getMsg',
    says: ['You say hello. A client masks its payload: XOR with the four bytes of the key brings it back.',
      '你说 hello。客户端的载荷加了掩码：与密钥的四个字节异或，就还原了。'] },
  { step: 7, shows: (event) => isFrame(event, 'server', 1), lights: ['MASK', 'length', 'payload'],
    php: '$returnMessage = buildMsg($message);',
    calls: 'buildMsg',
    says: ['The echo. A server does not mask: two bytes of header, then hello as it is.',
      '回显。服务器不加掩码：两字节的帧头，后面就是 hello 本身。'] },
  { step: 7, act: () => watched?.close(1000, 'bye'), shows: (event) => isFrame(event, 'client', 8), lights: ['opcode', 'payload'],
    php: ["if ($buff === '') {  // the article takes a Close for a message", "if ($buff === '') {  // 文章把 Close 当作一条消息"],
    calls: 'socket_write',
    says: ['You say goodbye with a Close frame: code 1000 in two bytes, and a reason. The server answers with a Close, too.',
      '你用 Close 帧道别：两字节的关闭码 1000，加上原因。服务器也以 Close 应答。'] },
  { step: 7, shows: (event) => isFrame(event, 'server', 8), lights: ['opcode', 'payload'],
    php: 'socket_close($socket);',
    calls: 'leave',
    says: ['The server takes you out of its arrays, closes your socket and waits for the next client. That is the whole story.',
      '服务器把你从数组中去掉，关闭套接字，等待下一个客户端。故事就是这样。'] },
];

/** Milliseconds that a scene stands. */
const SCENE = 8000;

/** The scene that stands, or -1; the last one that has acted; what will bring the next. */
let scene = -1, acted = -1, timer = 0, isPaused = false;

/** What the scenes do, one after another: a reader may be faster than the network. */
let acts = Promise.resolve();

function playStory() {
  // Nothing of an older connection may be taken for the story's
  acts = acts.then(hangUp).then(clearWire);
  acted = -1;
  isPaused = false;
  document.body.classList.add('plays');
  showScene(0);
  $('next').focus();
}

function showScene(index) {
  clearTimeout(timer);
  if (index >= STORY.length) return stopStory();
  scene = Math.max(0, index);
  // A scene that one comes back to has acted
  while (acted < scene) acts = acts.then(STORY[++acted].act);
  drawScene();
  showSceneCard();
  if (!isPaused) timer = setTimeout(showScene, SCENE, scene + 1);
}

/** Who turns the pages needs no clock. */
function turnTo(index) {
  isPaused = true;
  showScene(index);
}

function pauseStory() {
  isPaused = !isPaused;
  showScene(scene);
}

function stopStory() {
  clearTimeout(timer);
  scene = -1;
  document.body.classList.remove('plays');
  drawScene();
  showSceneCard();
  $('play').focus();
}

function drawScene() {
  $('scene').hidden = scene === -1;
  if (scene === -1) return;
  const { step, php, calls, says } = STORY[scene];
  $('scene-title').textContent = t('sceneTitle', { i: scene + 1, n: STORY.length });
  $('scene-says').textContent = pick(says);
  $('scene-php').textContent = pick(php);
  $('scene-ts').textContent = lineCalling(calls, step);
  $('scene-where').textContent = t('ts', { n: step });
  enable($('back'), scene > 0);
  $('pause').textContent = t(isPaused ? 'resume' : 'pause');
  $('next').textContent = t(scene === STORY.length - 1 ? 'finish' : 'next');
}

/** The line of that step that calls the function, as the server has it now; its name alone where the server does not tell. */
function lineCalling(name, step) {
  const { code = [] } = table.steps.find((one) => one.step === step) ?? {};
  return code.find((line) => line.includes(`${name}(`))?.trim() ?? `${name}(…)`;
}

/** Opens and marks the card that the scene is about, if it has come, and lights what the scene speaks of. */
function showSceneCard() {
  for (const card of document.querySelectorAll('.card.spot')) card.classList.remove('spot');
  const { shows, lights } = STORY[scene] ?? {}, event = shows && events.findLast(shows);
  if (!event) return false;
  const details = detailsOf(event);
  event.isOpen = details.open = true;
  fill(details, event);
  details.parentElement.classList.add('spot');
  const targets = targetsOf(event).map(({ name }, index) => lights.includes(name) || lights.includes(name.toLowerCase()) ? index : -1);
  light(details.querySelector('.body'), event, ...targets.filter((index) => index !== -1));
  bringIn(details.parentElement);
  return true;
}

/** Flip a bit: the frame of the message, as buttons. The server reads it as if the browser had sent it. */
'use strict';

/** Bytes of a message that the frame has. */
const MAX_FLIPPED = 16;
/** The RFC's own, of its sample in 5.7: a frame can be compared with the book's. */
const FLIP_KEY = [0x37, 0xfa, 0x21, 0x3d];

/** The frame: as it was loaded, as it is now. */
let loaded = new Uint8Array(), flipped = new Uint8Array();
/** The server has the frame and owes an answer: to this one, or to the message that goes on. */
let isAsked = false;
/** The last event before the frame was sent. */
let lastBefore = null;
/** What came of it: a text with its values; the rule that was broken, and which of the frames broke it; or the answer. */
let outcome = null;
/** The bit that the Tab key reaches. */
let current = 0;

/** A client's frame, masked. */
function frameOf(payload, opcode) {
  return Uint8Array.from([0x80 | opcode, 0x80 | payload.length, ...FLIP_KEY, ...payload.map((byte, i) => byte ^ FLIP_KEY[i % 4])]);
}

/** Loads the frame of the message in the form. */
function flipMessage() {
  const as = new FormData($('send')).get('as');
  if (as === 'text') return loadFlip(frameOf(firstBytes($('text').value), 1));
  const bytes = as === 'hex' ? fromHex($('hex').value) : new Uint8Array(SIZES[$('size').value]).map((_, i) => i);
  if (bytes !== null) loadFlip(frameOf(Array.from(bytes.subarray(0, MAX_FLIPPED)), 2));
}

/** As many whole characters as there is room for. */
function firstBytes(text) {
  const bytes = [];
  for (const char of text) {
    const more = new TextEncoder().encode(char);
    if (bytes.length + more.length > MAX_FLIPPED) break;
    bytes.push(...more);
  }
  return bytes;
}

function loadFlip(bytes, says = null) {
  loaded = bytes;
  flipped = Uint8Array.from(bytes);
  outcome = says;
  current = 0;
  drawFlip();
}

function flip(bit) {
  flipped[bit >> 3] ^= 0x80 >> bit % 8;
  outcome = null;
  current = bit;
  drawFlip();
}

const bitAt = (bytes, bit) => bytes[bit >> 3] >> (7 - bit % 8) & 1;
const bitButton = (bit) => $('flip-frame').querySelector(`[data-bit="${bit}"]`);

/** The frames in these bytes: the name of each bit's field (RFC 6455 5.2), and the bytes that a length promises in vain. */
function framesIn(bytes, start = 0) {
  const length = bytes[1] & 0x7f, more = length === 126 ? 2 : length === 127 ? 8 : 0, key = bytes[1] < 0x80 ? 0 : 4;
  const promised = more === 0 ? length : bytes.subarray(2, 2 + more).reduce((sum, byte) => sum * 256 + byte, 0);
  const size = 2 + more + key + promised, end = Math.min(size, bytes.length);
  const names = [['FIN', 1], ['RSV1', 1], ['RSV2', 1], ['RSV3', 1], ['opcode', 4], ['MASK', 1], ['length', 7],
    ['extended length', 8 * more], ['masking key', 8 * key], ['payload', 8 * end]]
    .flatMap(([name, bits]) => Array(bits).fill(name)).slice(0, 8 * end);
  const frame = { start, names, opcode: bytes[0] & 0x0f, isLast: bytes[0] >= 0x80, missing: size - end };
  return bytes.length === end ? [frame] : [frame, ...framesIn(bytes.subarray(end), start + 8 * end)];
}

function drawFlip() {
  const frames = framesIn(flipped), names = frames.flatMap((frame) => frame.names);
  const broke = brokenBits(frames), hadFocus = $('flip-frame').contains(document.activeElement);
  const rows = Array.from(flipped, (byte, i) => el('div', { class: 'byte' }, el('span', { class: 'mono' }, hex2(byte)),
    ...Array.from({ length: 8 }, (_, j) => flipButton(8 * i + j, names[8 * i + j] ?? '', broke)),
    el('span', { class: 'what' }, names.slice(8 * i, 8 * i + 8).filter((name, j) => name !== names[8 * i + j - 1]).join(', '))));
  $('flip-frame').replaceChildren(...rows);
  if (hadFocus) bitButton(current).focus();
  drawOutcome();
}

/** The bits that broke the rule; none where it was a frame of the browser's own. */
function brokenBits(frames) {
  const { start = 0, names = [] } = frames[outcome?.broken] ?? {};
  const bits = names.map((name, i) => breaks({ name, value: String(bitAt(flipped, start + i)) }, outcome.rule) ? start + i : -1);
  return bits.filter((bit) => bit !== -1);
}

function flipButton(bit, name, broke) {
  const value = bitAt(flipped, bit);
  const button = el('button', {
    'type': 'button', 'data-bit': String(bit), 'tabindex': bit === current ? '0' : '-1',
    'class': `bit ${tint(name)}${value === bitAt(loaded, bit) ? '' : ' flipped'}${broke.includes(bit) ? ' broke' : ''}`,
    'aria-label': t('flipBit', { byte: bit >> 3, bit: bit % 8, name, value }),
  }, String(value));
  button.addEventListener('click', () => flip(bit));
  return button;
}

/** One stop for the Tab key: a frame has a hundred bits. */
function moveInFlip(event) {
  const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -8, ArrowDown: 8 }[event.key];
  const next = step && bitButton(current + step);
  if (!next) return;
  event.preventDefault();
  bitButton(current).tabIndex = -1;
  current += step;
  next.tabIndex = 0;
  next.focus();
}

async function sendFlip() {
  if (!isEnabled($('flip-send'))) return;
  // Safari moves the focus to no button that is clicked
  $('flip-send').focus();
  await connect();
  if (!isOpen() || !hasTrace) return;
  const frames = framesIn(flipped), [{ opcode, isLast, missing }] = frames, hex = hexOf(flipped);
  say('you', 'logFlip', { bytes: hex });
  isAsked = opcode !== PONG;
  lastBefore = events.at(-1);
  outcome = { text: missing > 0 ? 'flipShort' : frames.length > 1 ? 'flipSent' : !isLast && opcode < CLOSE ? 'flipOpen'
    : opcode === PONG ? 'flipPong' : 'flipSent', values: { n: number(missing) }, hasRest: frames.at(-1).missing > 0 };
  drawOutcome();
  command({ do: 'inject', hex: hex.replaceAll(' ', '') });
}

/** The answer to the flipped frame, when it comes. A Ping asks whether the browser is there, and answers nothing. */
function takeAnswer(event) {
  const rule = ruleOf(event);
  if (rule) {
    // Not only for the first answer: bytes behind a whole frame are another one. A header that is not whole is no frame yet
    const sent = events.slice(events.indexOf(lastBefore) + 1).filter(({ injected }) => injected), by = brokenBy(event, rule);
    const broken = by === undefined ? framesIn(flipped).length - 1 : sent.indexOf(by);
    settle({ text: 'broke', rule, broken, values: { code: event.payload.code } });
  } else if (isAsked && event.from === 'server' && event.kind === 'frame' && opcodeOf(event) !== PING) {
    settle({ text: 'flipFine', answer: event, hasRest: outcome?.text === 'flipSent' && outcome.hasRest });
  }
}

function settle(value) {
  isAsked = false;
  outcome = value;
  drawFlip();
}

function drawOutcome() {
  $('outcome').className = outcome?.rule ? 'broken' : '';
  if (outcome === null) return $('outcome').replaceChildren();
  const { text, values, rule, answer, hasRest } = outcome;
  const words = answer ? { answer: `${titleOf(answer)} ${previewOf(answer)}` } : inWords(values);
  const rest = answer && hasRest ? t('flipRest') : '';
  $('outcome').replaceChildren(el('span', {}, t(text, words), ' ', rest), ...ruleLine(rule));
}

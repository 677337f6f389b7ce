/** The wire: a card for each event. */
'use strict';

// ---------------------------------------------------------------- drawing: cards

function addCard(event) {
  events.push(event);
  const old = events.splice(0, Math.max(0, events.length - MAX_CARDS));
  for (const _ of old) $('cards').firstElementChild?.remove();
  // An end has nothing to draw: what came before it is worth the room
  event.isOpen = event.kind !== 'end';
  $('cards').append(cardOf(event));
  foldOlder();
  drawCount(old.length > 0);
  if (!showSceneCard()) followNewest();
}

/** What opened by itself closes by itself, so that the newest stay on the screen. */
function foldOlder() {
  const open = events.filter((event) => event.isOpen && !event.byHand);
  for (const event of open.slice(0, -MAX_OPEN)) {
    // Focus stays where one works
    if (detailsOf(event).contains(document.activeElement)) continue;
    event.isOpen = false;
    detailsOf(event).open = false;
  }
}

function detailsOf(event) {
  return $('cards').children[events.indexOf(event)].querySelector('details');
}

function drawCards() {
  $('cards').replaceChildren(...events.map(cardOf));
  drawCount(false);
  showSceneCard();
}

let isCut = false;

function drawCount(cutNow) {
  isCut = events.length > 0 && (isCut || cutNow);
  $('count').textContent = events.length === 0 ? '' : t(isCut ? 'countCut' : 'count', { n: number(events.length) });
  $('empty').textContent = hasTrace === false ? t('noTrace') : t('empty');
  $('empty').hidden = events.length > 0;
}

function followNewest() {
  if (!$('follow').checked) return;
  if (isPane()) $('wire').scrollTop = $('wire').scrollHeight;
  // Who flips bits sees there what comes of it
  else if (!$('flip').contains(document.activeElement)) bringIn($('cards').lastElementChild);
}

/** Beside the form the wire scrolls by itself; below it the whole page scrolls, behind the form. */
const isPane = () => getComputedStyle($('wire')).overflowY === 'auto';

/** Brings the card's top into sight, and moves the focus nowhere. */
function bringIn(card) {
  if (isPane()) return void ($('wire').scrollTop = card.offsetTop - $('cards').offsetTop);
  const talk = $('talk'), covered = getComputedStyle(talk).position === 'sticky' ? talk.offsetHeight : 0;
  scrollTo(0, card.getBoundingClientRect().top + scrollY - covered - 8);
}

function focusNewest() {
  $('cards').lastElementChild?.querySelector('summary').focus();
}

function cardOf(event) {
  const details = el('details', { open: event.isOpen }, summaryOf(event));
  details.addEventListener('toggle', () => {
    if (event.isOpen !== details.open) event.byHand = true;
    event.isOpen = details.open;
    fill(details, event);
  });
  fill(details, event);
  return el('li', { class: `card by-${event.from || 'nobody'}` }, details);
}

/** What is folded has no body: a hundred frames cost a hundred lines. */
function fill(details, event) {
  if (details.open && details.childElementCount === 1) details.append(bodyOf(event));
  if (!details.open) details.querySelector('.body')?.remove();
}

function redraw(event) {
  const details = detailsOf(event);
  details.querySelector('.body')?.remove();
  fill(details, event);
}

function summaryOf(event) {
  const way = event.from === '' ? null : el('span', { class: `who ${event.from}` }, t(event.from === 'client' ? 'byClient' : 'byServer'));
  const notes = [];
  if (event.injected) notes.push(t('injected'));
  if (event.isPart) notes.push(t('isPart'));
  if (event.fragment !== null) notes.push(t('fragment', { n: event.fragment }));
  if (event.step > 0) notes.push(t('step', { n: event.step }));
  notes.push(t('ms', { n: number(Math.round(event.at * 10) / 10) }));
  return el('summary', {},
    el('span', { class: 'soft small' }, `#${event.n}`), way, el('b', {}, titleOf(event)),
    el('span', { class: 'preview mono' }, previewOf(event)),
    event.size > 0 ? el('span', { class: 'small' }, bytesOf(event.size)) : null,
    el('span', { class: 'soft small' }, notes.join(' · ')));
}

function titleOf(event) {
  const opcode = event.kind === 'frame' ? phrase(fieldOf(event, 'opcode')?.means) : '';
  return opcode === '' ? t(event.kind) : opcode;
}

function previewOf({ kind, head, payload, bytes }) {
  if (kind === 'request' || kind === 'response') return cut(head[0]?.value ?? '', 120);
  if (payload === null) return '';
  if (payload.code > 0) return cut(`${payload.code} ${payload.reason}`, 120);
  const text = payload.inflated?.text ?? payload.text;
  if (text !== null) return text === '' ? '' : JSON.stringify(cut(text, 120));
  return hexOf((payload.bytes.length > 0 ? payload.bytes : bytes).subarray(0, 16));
}

function bodyOf(event) {
  const parts = event.kind === 'request' || event.kind === 'response' ? headBody(event)
    : event.kind === 'frame' ? frameBody(event) : otherBody(event);
  const body = el('div', { class: 'body' }, ...parts);
  listenToPointing(body, event);
  return body;
}

function otherBody(event) {
  return [event.bytes.length > 0 ? hexBlock(event, []) : null, el('p', { class: 'says' }, pick(event.says) || t(event.kind === 'end' ? 'endSays' : 'garbageSays')),
    el('div', { class: 'small notes' }, carried(event), stepOf(event))];
}

// ---------------------------------------------------------------- drawing: pointing

/** What a card can point at: the fields of a frame, or the lines of a handshake. */
const targetsOf = (event) => event.kind === 'frame' ? event.fields : event.head;

/** One listener a card: hover, focus and tap find the field by its number, wherever it is drawn. */
function listenToPointing(body, event) {
  const point = ({ target }) => {
    const part = target.closest?.('[data-field]');
    if (part) light(body, event, Number(part.dataset.field));
  };
  for (const type of ['pointerover', 'focusin', 'click']) body.addEventListener(type, point);
}

/** Lights up fields of a frame, or lines of a handshake, wherever they are drawn. */
function light(body, event, ...indices) {
  for (const part of body.querySelectorAll('.on')) part.classList.remove('on');
  const bytes = body.querySelector('.hex'), known = indices.filter((index) => targetsOf(event)[index] !== undefined);
  for (const index of known) {
    for (const part of body.querySelectorAll(`[data-field="${index}"]`)) part.classList.add('on');
    const { from, to } = targetsOf(event)[index];
    for (let i = from; i < to; i++) bytes?.children[i]?.classList.add('on');
  }
  if (known.length === 0) return;
  showWithin(bytes, bytes?.children[targetsOf(event)[known[0]].from]);
  body.querySelector('.says').replaceChildren(...known.map((index) => el('div', {}, ...explain(event, targetsOf(event)[index]))));
}

/** Scrolls a block to one of its children, and nothing around it. */
function showWithin(block, child) {
  if (!block || !child || block.scrollHeight <= block.clientHeight) return;
  block.scrollTop = child.offsetTop - block.offsetTop - block.clientHeight / 2;
}

/** What the server says in English, in the reader's language. */
function phrase(text) {
  return pick(own(PHRASES, text) ?? text);
}

/** A value and its name: '0x1 text'. The payload's bytes are drawn; in words they would only be long. */
const valueOf = ({ name, value, means }) => [name === 'payload' ? '' : value, phrase(means)].filter(Boolean).join(' ');

/** One sentence, the section of the RFC, the function that reads or writes it. */
function explain(event, target) {
  const known = event.kind === 'frame' ? own(FIELDS, target.name) : own(HEADERS, target.name.toLowerCase()) ?? HEADERS.other;
  const { section = target.section, read, written, says = [] } = known ?? {};
  const sentence = [pick(says), meaning(event, target)].filter(Boolean).join(' ');
  const named = pick((event.from === 'server' ? written : read) ?? ''), key = event.from === 'server' ? 'writtenBy' : 'readBy';
  const where = named && t(key, { where: language === 'zh' ? named.replace(/ in (lib.*)/, '（$1）') : named });
  const value = event.kind === 'frame' ? cut(valueOf(target), 60) : '';
  return [el('b', { class: 'mono' }, phrase(target.name) + (value && ` = ${value}`)), ` ${sentence} `,
    el('span', { class: 'soft small' }, [section && sectionOf(section), where].filter(Boolean).join(' · '))];
}

/** What an opcode says beyond its name. */
function meaning(event, { name, means }) {
  const says = event.kind === 'frame' && name === 'opcode' ? own(OPCODES, String(opcodeOf(event))) : undefined;
  return says === undefined ? '' : `${phrase(means)}: ${pick(says)}`;
}

/** A bare number is one of RFC 6455. */
const sectionOf = (section) => /^\d/.test(section) ? t('rfc', { n: section }) : section;

const own = (object, key) => Object.hasOwn(object, key) ? object[key] : undefined;

// ---------------------------------------------------------------- drawing: bytes, bits, mask

/** The bytes of an event. A byte of several fields points at the widest of them. */
function hexBlock(event, targets) {
  const owner = [];
  targets.forEach((target, index) => {
    for (let i = target.from; i < target.to; i++) {
      if (owner[i] === undefined || widthOf(targets[owner[i]]) < widthOf(target)) owner[i] = index;
    }
  });
  const spans = Array.from(event.bytes, (byte, i) => {
    const index = owner[i];
    const kind = index !== undefined && event.kind === 'frame' ? tint(targets[index].name) : '';
    return el('span', { 'data-field': index === undefined ? undefined : String(index), class: kind }, hex2(byte));
  });
  if (event.size > event.bytes.length) spans.push(el('span', { class: 'soft' }, t('restOf', { n: number(event.size - event.bytes.length) })));
  return el('div', { class: 'hex', role: 'group', tabindex: '0', 'aria-label': t('hexOf') }, ...spans);
}

const widthOf = (target) => target.bits ?? 8 * (target.to - target.from);

const TINTS = { 'opcode': 'f-opcode', 'length': 'f-length', 'extended length': 'f-length', 'masking key': 'f-key', 'payload': 'f-payload' };
const tint = (name) => own(TINTS, name) ?? 'f-bit';

function frameBody(event) {
  const says = el('p', { class: 'says', 'aria-live': 'polite' }, t('pointHere'));
  return [hexBlock(event, event.fields), el('div', { class: 'work' }, bitDiagram(event), maskTable(event)), chipsOf(event), says,
    event.broke === null ? null : el('p', { class: 'rule' }, ...ruleLine(event.broke).slice(1)),
    el('div', { class: 'small notes' }, carried(event), stepOf(event))];
}

/** What the loop did with it, in the words of its own list. */
function stepOf({ step }) {
  const known = table.steps.find((one) => one.step === step);
  return known === undefined ? null : el('p', { class: 'soft' }, t('stepSays', { n: step, says: pick(known.says) }));
}

/** The payload as what it means, where the diagram shows only its bytes. */
function carried(event) {
  const { payload } = event;
  if (payload === null) return null;
  const text = payload.code > 0 ? `${payload.code} ${payload.reason}` : payload.inflated?.text ?? payload.text;
  const means = meansOf(payload);
  if (!text && !means) return null;
  return el('p', {}, t(payload.inflated === null ? 'carries' : 'inflated'), ' ', text ? el('code', {}, cut(text, 500)) : '',
    means ? ` (${means})` : '', ...ruleLine(ruleOf(event)));
}

/** What a close code means; its name is English. */
function meansOf({ code, means }) {
  const says = pick(own(CODES, String(code)));
  return says === '' ? phrase(means) : language === 'zh' ? says : [means.en ?? means, says].filter(Boolean).join(': ');
}

function ruleLine(rule) {
  return rule === undefined || rule === null ? [] : [el('br'), el('b', { class: 'bad' }, '✗ '), pick(rule.says), ' ',
    el('span', { class: 'soft small' }, sectionOf(rule.section))];
}

/** RFC 6455 5.2's picture with this frame's bits in it. */
function bitDiagram(event) {
  const parts = rulerOf();
  let left = MAX_DRAWN, hidden = 0;
  event.fields.forEach((field, index) => {
    if (field.name !== 'payload') return void parts.push(...segmentsOf(event, field, index));
    const bytes = field.to - field.from;
    hidden += Math.max(0, bytes - left);
    for (let i = field.from; i < field.from + Math.min(bytes, left); i++) parts.push(byteSegment(event, i, index, i === field.from));
    left = Math.max(0, left - bytes);
  });
  hidden += Math.max(0, event.size - event.bytes.length);
  if (hidden > 0) parts.push(el('span', { class: 'seg rest f-payload' }, t('restOf', { n: number(hidden) })));
  return el('div', { class: 'bits', role: 'img', 'aria-label': t('drawing') }, ...parts);
}

function rulerOf() {
  return Array.from({ length: 32 }, (_, i) => el('span', { class: 'ruler' }, i % 8 === 0 ? String(i) : i % 8 === 4 ? '·' : ''));
}

/** A field in one piece a row: where a row ends, it goes on in the next. */
function segmentsOf(event, field, index) {
  const segments = [];
  for (let bit = field.bit, end = field.bit + field.bits; bit < end;) {
    const count = Math.min(end - bit, 32 - bit % 32);
    segments.push(segment(event, bit, count, index, ...namesOf(field, count, bit === field.bit)));
    bit += count;
  }
  return segments;
}

function namesOf(field, count, isFirst) {
  if (count === 1) return [el('span', { class: 'tall' }, field.name)];
  const name = el('span', {}, isFirst ? field.name : `${field.name} …`);
  // A value in the first piece only, and where there is room for one
  return isFirst && count >= 4 && count < 17 && field.value !== '' ? [name, el('span', { class: 'value' }, cut(field.value, 24))] : [name];
}

function byteSegment(event, i, index, isFirst) {
  const name = isFirst ? el('span', {}, event.fields[index].name) : null;
  // Masked, a byte is no character yet
  const char = event.from === 'server' ? ` ${charOf(event.bytes[i])}` : '';
  return segment(event, 8 * i, 8, index, name, el('span', { class: 'value' }, hex2(event.bytes[i]) + char));
}

function segment(event, bit, count, index, ...above) {
  const digits = el('span', { class: 'digits' }, ...Array.from(bitsOf(event.bytes, bit, count), (digit) => el('span', {}, digit)));
  const field = event.fields[index], broke = event.broke !== null && breaks(field, event.broke) ? ' broke' : '';
  const piece = el('span', { class: `seg ${tint(field.name)}${broke}`, 'data-field': String(index) }, ...above, digits);
  piece.style.gridColumn = `${bit % 32 + 1} / span ${count}`;
  return piece;
}

/** The same fields in words, as --trace prints them: what keyboard, screen reader and thumb use. */
function chipsOf(event) {
  const chips = event.fields.map((field, index) => {
    const value = valueOf(field);
    return el('li', {}, el('button', { type: 'button', 'data-field': String(index), class: tint(field.name) },
      value === '' ? field.name : `${field.name}=${cut(value, 40)}`));
  });
  return el('ul', { class: 'chips', 'aria-label': t('fields') }, ...chips);
}

/** RFC 6455 5.3: masked XOR key = payload, a byte a row. */
function maskTable(event) {
  const key = fieldOf(event, 'masking key'), payload = event.payload;
  if (!key || key.to - key.from < 4 || !payload?.masked.length) return null;
  const keyIndex = event.fields.indexOf(key), index = event.fields.indexOf(fieldOf(event, 'payload'));
  const rows = Array.from(payload.masked.subarray(0, MAX_WORKED), (masked, i) => {
    const byte = event.bytes[key.from + i % 4];
    return el('tr', {}, ...bitCells(masked, index), ...bitCells(byte, keyIndex), ...bitCells(masked ^ byte, -1),
      el('td', {}, charOf(masked ^ byte)));
  });
  if (payload.length > rows.length) {
    rows.push(el('tr', {}, el('td', { colspan: '7', class: 'soft' }, t('restOf', { n: number(payload.length - rows.length) }))));
  }
  const heads = ['masked', 'key', 'xor'].map((name) => el('th', { scope: 'col', colspan: '2' }, t(name)));
  return el('table', { class: 'mask' }, el('caption', {}, t('maskTitle'), el('span', { class: 'why soft small' }, t('maskWhy'))),
    el('thead', {}, el('tr', {}, ...heads, el('th', { scope: 'col' }, t('char')))), el('tbody', {}, ...rows));
}

/** @param index of the field whose byte it is; -1 for none */
function bitCells(byte, index) {
  const field = index === -1 ? undefined : String(index);
  return [el('td', { class: 'hexed', 'data-field': field }, hex2(byte)), el('td', { 'data-field': field }, bits8(byte))];
}

// ---------------------------------------------------------------- drawing: handshake

function headBody(event) {
  const lines = event.head.map((line, index) => el('li', {}, el('button', { type: 'button', 'data-field': String(index) }, ...headText(line, index))));
  return [hexBlock(event, event.head), el('ul', { class: 'lines' }, ...lines),
    el('p', { class: 'says', 'aria-live': 'polite' }, t('pointHere')),
    el('div', { class: 'small notes' }, carried(event), stepOf(event)), acceptOf(event)];
}

/** The first line has no name on the wire. */
function headText({ name, value }, index) {
  return index === 0 ? [value] : [el('b', {}, `${name}:`), ` ${value}`];
}

const headValue = (event, name) => event?.head.find((line) => line.name.toLowerCase() === name)?.value;

/** RFC 6455 4.2.2, 5.4: the answer to the key, worked out here and compared with what the server sent. */
function acceptOf(event) {
  const sent = headValue(event, 'sec-websocket-accept');
  const request = events.slice(0, events.indexOf(event)).findLast(({ kind }) => kind === 'request');
  const key = headValue(request, 'sec-websocket-key');
  if (event.kind !== 'response' || sent === undefined || key === undefined) return null;
  const digest = sha1(Uint8Array.from(key + GUID, (char) => char.charCodeAt(0)));
  const accept = btoa(String.fromCharCode(...digest));
  const step = (name, value) => el('li', {}, t(name), el('code', {}, value));
  return el('div', { class: 'accept' }, el('h3', {}, t('acceptTitle')),
    el('ol', {}, step('accept1', key), step('accept2', key + GUID), step('accept3', hexOf(digest)), step('accept4', accept)),
    el('p', { class: sent === accept ? 'server' : 'bad' }, sent === accept ? t('acceptSame') : t('acceptOther', { value: sent })));
}

/** The server's events, as the page takes them. */
'use strict';

const CLOSE = 8, PING = 9, PONG = 10;

/** The server's table of rules to break and steps of the loop; empty until it has come. */
let table = { breaks: [], steps: [] };

/** What has crossed the wire, oldest first. */
let events = [];

/** Takes what the watcher got. A fault in it must never be one of the page's: what is not understood is left out. */
function takeTrace(text) {
  const raw = parse(text);
  if (raw === null) return;
  if (raw.kind === 'table') return takeTable(raw);
  if (raw.kind === 'lost') return say('page', 'logMissed', { n: number(whole(raw.lost)) });
  if (raw.kind === 'refused') return takeRefusal({ why: own(PHRASES, raw.says) ?? string(raw.says) });
  const event = toEvent(raw);
  if (event.lost > 0) say('page', 'logMissed', { n: number(event.lost) });
  addCard(event);
  showBroken(event);
  takeAnswer(event);
}

function parse(text) {
  try {
    return plain(JSON.parse(text));
  } catch {
    return null;
  }
}

/** @returns null for everything but an object */
function plain(value) {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? value : null;
}

const list = (value) => Array.isArray(value) ? value.slice(0, MAX_FIELDS).map(plain).filter((one) => one !== null) : [];
const whole = (value) => Number.isSafeInteger(value) && value >= 0 ? value : 0;
const string = (value) => typeof value === 'string' ? cut(value) : typeof value === 'number' ? String(value) : '';

/** None where it is not hexadecimal. */
const bytesIn = (value) => fromHex(typeof value === 'string' ? value.slice(0, 2 * MAX_BYTES) : '') ?? new Uint8Array();

/** A text for readers: one for all, or one in each language. */
function texts(value) {
  const both = plain(value);
  return both === null ? string(value) : { en: string(both.en), zh: string(both.zh) };
}

function takeTable(raw) {
  table = {
    breaks: list(raw.breaks).map(({ what, code, hex }) => ({ what: string(what), code: whole(code), bytes: bytesIn(hex) })),
    steps: list(raw.steps).map(({ step, says, code }) => ({
      step: whole(step), says: [string(says), own(STEPS, String(step)) ?? string(says)],
      code: Array.isArray(code) ? code.slice(0, 200).map(string) : [],
    })),
  };
  drawBreaks();
  drawCards();
}

function takeRefusal(values) {
  say('page', 'logRefused', values);
  if (isAsked) settle({ text: 'logRefused', values });
}

/** An event as the drawing takes it: every property there, of its type and within its bounds. */
function toEvent(raw) {
  const bytes = bytesIn(raw.hex);
  const payload = plain(raw.payload);
  const fragment = plain(raw.fragment);
  return {
    kind: ['request', 'response', 'frame', 'end'].includes(raw.kind) ? raw.kind : 'garbage',
    from: raw.from === 'client' || raw.from === 'server' ? raw.from : '',
    n: whole(raw.n), step: whole(raw.step), size: whole(raw.size),
    at: Number.isFinite(raw.at) ? raw.at : 0,
    injected: raw.injected === true, isPart: raw.cut === true, lost: whole(raw.lost),
    says: texts(raw.says),
    bytes,
    head: list(raw.head).map((line) => toHeadLine(line, bytes.length)),
    fields: list(raw.fields).map((field) => toField(field, bytes.length)).filter((field) => field !== null),
    payload: payload && {
      bytes: bytesIn(payload.hex), masked: bytesIn(payload.masked),
      text: typeof payload.text === 'string' ? cut(payload.text) : null,
      length: whole(payload.length), code: whole(payload.code), reason: string(payload.reason), means: texts(payload.means),
      // permessage-deflate: what was in it
      inflated: plain(payload.inflated) && { bytes: bytesIn(payload.inflated.hex), text: string(payload.inflated.text) },
    },
    fragment: fragment && whole(fragment.index),
    // The rule that it broke
    broke: null,
    // Whether its card is open: by itself as one of the newest, or as the reader left it
    isOpen: false, byHand: false,
  };
}

function toHeadLine(raw, size) {
  const from = Math.min(whole(raw.at), size);
  return {
    name: string(raw.name), value: string(raw.value), section: string(raw.section), from, to: Math.min(from + whole(raw.size), size),
  };
}

/** @returns null where it does not begin within the bytes */
function toField(raw, size) {
  const bit = whole(raw.bit), bits = Math.min(whole(raw.bits), 8 * size - bit);
  if (bits < 0 || bit > 8 * size) return null;
  return {
    name: string(raw.name), value: string(raw.value), means: texts(raw.means), bit, bits, from: bit >> 3, to: bit + bits + 7 >> 3,
  };
}

const fieldOf = (event, name) => event.fields.find((field) => field.name === name);

const opcodeOf = ({ bytes }) => bytes[0] & 0x0f;

/** From the first byte: what the opcode's field says in words may change. */
function isFrame(event, from, opcode) {
  return event.kind === 'frame' && event.from === from && opcodeOf(event) === opcode;
}

// ---------------------------------------------------------------- broken rules

/** The rule that a Close of the server names in its reason. */
function ruleOf(event) {
  if (!isFrame(event, 'server', CLOSE) || event.step !== 9 || event.payload === null) return undefined;
  return RULES.find(({ reason }) => event.payload.reason.includes(reason));
}

/** What a client's bits have to be. */
const RIGHT = { FIN: '1', RSV1: '0', RSV2: '0', RSV3: '0', MASK: '1' };

/** Whether this field breaks the rule. */
function breaks({ name, value }, rule) {
  return rule.fields.includes(name) && value !== own(RIGHT, name);
}

/** The frame that broke the rule of a Close: the last whole one since the server spoke before, or else one that is not whole. */
function brokenBy(event, rule) {
  const before = events.slice(0, events.indexOf(event));
  const asked = before.slice(before.findLastIndex(({ from }) => from === 'server') + 1)
    .filter(({ kind, fields }) => kind === 'frame' && fields.some((field) => breaks(field, rule)));
  return asked.findLast(({ isPart }) => !isPart) ?? asked[0];
}

/** Marks what has broken the rule, in the frame that broke it. */
function showBroken(event) {
  const rule = ruleOf(event), broken = rule && brokenBy(event, rule);
  if (!broken) return;
  broken.broke = rule;
  // What is behind it was not read
  for (const unread of events.slice(events.indexOf(broken) + 1, events.indexOf(event))) unread.isOpen = detailsOf(unread).open = false;
  broken.isOpen = broken.byHand = detailsOf(broken).open = true;
  redraw(broken);
}

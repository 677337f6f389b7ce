/** Small tools, which know nothing of a WebSocket. */
'use strict';

let language = 'en';

const $ = (id) => document.getElementById(id);

/** A text of WORDS in the reader's language. */
function t(key, values = {}) {
  const text = pick(WORDS[key]);
  return text.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
}

/** The reader's language of [en, zh], of { en, zh }, or the same string for both. */
function pick(text) {
  if (typeof text === 'string') return text;
  if (text === null || typeof text !== 'object') return '';
  const one = Array.isArray(text) ? text[language === 'zh' ? 1 : 0] : text[language] ?? text.en;
  return typeof one === 'string' ? one : '';
}

/** An element. Strings among its children become text: nothing that came from outside can become an element. */
function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) element.setAttribute(key, value === true ? '' : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

function number(n) {
  return n.toLocaleString(language === 'zh' ? 'zh-CN' : 'en');
}

function bytesOf(n) {
  return n === 1 ? t('oneByte') : t('bytes', { n: number(n) });
}

const hex2 = (byte) => byte.toString(16).padStart(2, '0');
const bits8 = (byte) => byte.toString(2).padStart(8, '0');
const hexOf = (bytes) => Array.from(bytes, hex2).join(' ');
const cut = (text, length = MAX_TEXT) => text.length > length ? `${text.slice(0, length)}…` : text;

/** @returns null where it is not hexadecimal */
function fromHex(text) {
  const digits = text.replace(/0x|[\s,:]/gi, '');
  if (digits.length % 2 !== 0 || /[^0-9a-f]/i.test(digits)) return null;
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) => parseInt(digits.slice(2 * i, 2 * i + 2), 16));
}

function bitsOf(bytes, from, count) {
  let bits = '';
  for (let i = from; i < from + count; i++) bits += (bytes[i >> 3] >> (7 - i % 8)) & 1;
  return bits;
}

/** What a byte is as text; a dot where it is none, or only a part of a character. */
const charOf = (byte) => byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·';

/** SHA-1 (FIPS 180-4) here, because crypto.subtle is missing on a page that came over plain HTTP from another host. */
function sha1(bytes) {
  const rotate = (x, n) => (x << n) | (x >>> (32 - n));
  const length = (bytes.length + 8 >> 6) + 1 << 6;
  const padded = new Uint8Array(length);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(length - 4, bytes.length * 8);
  const h = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];
  const w = new Array(80);
  for (let block = 0; block < length; block += 64) {
    for (let i = 0; i < 80; i++) {
      w[i] = i < 16 ? view.getInt32(block + 4 * i) : rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    }
    let [a, b, c, d, e] = h;
    for (let i = 0; i < 80; i++) {
      const [f, k] = i < 20 ? [(b & c) | (~b & d), 0x5a827999] : i < 40 ? [b ^ c ^ d, 0x6ed9eba1]
        : i < 60 ? [(b & c) | (b & d) | (c & d), 0x8f1bbcdc] : [b ^ c ^ d, 0xca62c1d6];
      [a, b, c, d, e] = [(rotate(a, 5) + f + e + k + w[i]) | 0, a, rotate(b, 30), c, d];
    }
    [a, b, c, d, e].forEach((x, i) => { h[i] = (h[i] + x) | 0; });
  }
  const digest = new DataView(new ArrayBuffer(20));
  h.forEach((x, i) => digest.setInt32(4 * i, x));
  return new Uint8Array(digest.buffer);
}

/**
 * The Sec-WebSocket-Extensions header (RFC 6455 9.1): the extensions that a client offers, its first choice first.
 *
 *     permessage-deflate; client_max_window_bits, permessage-deflate; server_max_window_bits="10"
 */

/** One extension that a client offers. */
export interface Offer {
  name: string;
  /** In the client's order. A value is null when there is none, and has no quotes. */
  params: [name: string, value: string | null][];
}

/** An extension as agreed with a client: how messages are encoded on their way (RFC 6455 9). */
export interface Extension {
  /** The value of the response's Sec-WebSocket-Extensions. */
  readonly answer: string;
  /** The reserved bit that marks an encoded message, at its place in the first byte. */
  readonly rsv: number;
  /**
   * Decodes a client's message.
   * @param limit bytes that the result may have
   * @throws ProtocolError 1007 or 1009
   */
  decode(payload: Uint8Array, limit: number): Buffer;
  /** Encodes a message for the client; null when the message is sent as it is. */
  encode(payload: Uint8Array): Buffer | null;
}

// Each matches from where the last one ended, and in one way only: parsing takes linear time.
const SPACE = /[ \t]*/y;
const TOKEN = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y;
const QUOTED = /"((?:[^"\\]|\\.)*)"/y;

/** Returns the offers of a header's value; null when it is malformed. */
export function parseExtensions(text: string): Offer[] | null {
  const offers: Offer[] = [];
  let at = 0;

  const match = (pattern: RegExp): string | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found === null) return null;
    at = pattern.lastIndex;
    return found[1] ?? found[0];
  };
  const sign = (char: string): boolean => {
    match(SPACE);
    if (text[at] !== char) return false;
    at++;
    match(SPACE);
    return true;
  };

  match(SPACE);
  while (at < text.length) {
    // RFC 9110 5.6.1: empty members of a list are ignored
    if (sign(',')) continue;
    const name = match(TOKEN);
    if (name === null) return null;
    const offer: Offer = { name, params: [] };
    while (sign(';')) {
      const param = match(TOKEN);
      if (param === null) return null;
      let value: string | null = null;
      if (sign('=')) {
        const quoted = match(QUOTED)?.replace(/\\(.)/g, '$1');
        value = quoted ?? match(TOKEN);
        // RFC 6455 9.1: a quoted value is a token too
        if (value === null || (quoted !== undefined && !isWhole(TOKEN, quoted))) return null;
      }
      offer.params.push([param, value]);
    }
    offers.push(offer);
    if (at < text.length && !sign(',')) return null;
  }
  return offers;
}

function isWhole(pattern: RegExp, text: string): boolean {
  pattern.lastIndex = 0;
  return pattern.test(text) && pattern.lastIndex === text.length;
}

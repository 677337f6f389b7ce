/**
 * The Sec-WebSocket-Extensions header (RFC 6455 9.1): what a client offers, in its order.
 *
 *     permessage-deflate; client_max_window_bits, permessage-deflate; server_max_window_bits="10"
 */

/** One extension that a client offers. */
export interface Offer {
  name: string;
  /** In the client's order; null where a parameter has no value. A quoted value comes without its quotes. */
  params: [name: string, value: string | null][];
}

/** What was agreed on with a client: how its messages are changed on their way (RFC 6455 9). */
export interface Extension {
  /** The Sec-WebSocket-Extensions field that answers the offer. */
  readonly answer: string;
  /** The reserved bit, where it stands in the first byte, that marks a changed message in its first frame. */
  readonly rsv: number;
  /**
   * What a client's changed message has been before.
   * @param limit bytes that it may have at the most
   * @throws ProtocolError 1007 or 1009
   */
  decode(payload: Uint8Array, limit: number): Buffer;
  /** What a message becomes for the client; null where it stays as it is. */
  encode(payload: Uint8Array): Buffer | null;
}

// Each starts where the last one ended, and none can be matched in two ways: the time is linear.
const SPACE = /[ \t]*/y;
const TOKEN = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y;
const QUOTED = /"((?:[^"\\]|\\.)*)"/y;

/** The offers of one header's value; null where it is not well-formed. */
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
    // RFC 9110 5.6.1: empty members of a list are passed over
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
        // RFC 6455 9.1: what is in quotes is a token too
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

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

/** An extension as agreed with one client: how messages are encoded on their way (RFC 6455 9). */
export interface Extension {
  /** The value of the response's Sec-WebSocket-Extensions. */
  readonly answer: string;
  /** The reserved bit that marks an encoded message, at its place in the first byte. */
  readonly rsv: number;
  /** Bytes in memory for this client. */
  readonly held: number;
  /**
   * Decodes the client's next message.
   * @param limit bytes that the result may have
   * @throws ProtocolError 1007 or 1009
   */
  decode(payload: Uint8Array, limit: number): Buffer | Promise<Buffer>;
  /** Nobody waits for decode()'s promise any more: it may never be settled. */
  cancel?(): void;
  /** Encodes a message for the client; null when the message is sent as it is. */
  encode(payload: Uint8Array): Buffer | null;
}

// Each part of these can match in one way only: parsing takes linear time
const CHAR = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]";
/** `; name`, `; name=value` or `; name="value"`. RFC 6455 9.1: a quoted value is a token too. */
const PARAM = `[ \\t]*;[ \\t]*(${CHAR}+)(?:[ \\t]*=[ \\t]*(?:(${CHAR}+)|"((?:\\\\?${CHAR})+)"))?`;
const PARAMS = new RegExp(PARAM, 'g');
/** An offer up to its comma, or nothing at the end. RFC 9110 5.6.1: empty members of a list are ignored. */
const OFFER = new RegExp(`[ \\t,]*(?:(${CHAR}+)((?:${PARAM})*)[ \\t]*(?:,|$)|$)`, 'y');

/** Returns the offers of a header's value; null when it is malformed. */
export function parseExtensions(text: string): Offer[] | null {
  const offers: Offer[] = [];
  for (OFFER.lastIndex = 0; OFFER.lastIndex < text.length;) {
    const found = OFFER.exec(text);
    if (found === null) return null;
    const [, name, params] = found;
    if (name !== undefined) offers.push({ name, params: Array.from(params!.matchAll(PARAMS), paramOf) });
  }
  return offers;
}

function paramOf([, name, token, quoted]: RegExpExecArray): Offer['params'][number] {
  return [name!, token ?? quoted?.replaceAll('\\', '') ?? null];
}

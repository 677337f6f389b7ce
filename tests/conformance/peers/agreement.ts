/** What a client and a server have agreed on: Sec-WebSocket-Extensions (RFC 6455 9.1, RFC 7692 7.1). */
import { glue, inflate } from '../row.ts';

const VALID = /^(?:server|client)_(?:no_context_takeover|max_window_bits=(?:8|9|1[0-5]))$/;

/** The parameters of each offer that is valid: no other, none twice; in a response both window bits have a value. */
function parse(list: string, isResponse = false): Map<string, number>[] {
  // The rows' values hold no ',' or ';'
  return list.replaceAll(/"(.*?)"/g, (_, text: string) => text.replaceAll('\\', '')).split(',').flatMap((offer) => {
    const [name, ...params] = offer.split(';').map((part) => part.replaceAll(/\s/g, ''));
    const isValid = params.every((param) => VALID.test(param) || (param === 'client_max_window_bits' && !isResponse));
    const map = new Map(params.map((param) => param.split('=')).map(([key, bits = '15']) => [key!, Number(bits)]));
    return name === 'permessage-deflate' && isValid && map.size === params.length ? [map] : [];
  });
}

/** RFC 7692 7.1.1 and 7.1.2, parameter by parameter. */
function answers(response: Map<string, number>, offer: Map<string, number>): boolean {
  const asked = ['server_no_context_takeover', 'server_max_window_bits'].filter((name) => offer.has(name));
  return asked.every((name) => response.has(name)) &&
    (response.get('server_max_window_bits') ?? 15) <= (offer.get('server_max_window_bits') ?? 15) &&
    (response.get('client_max_window_bits') ?? 0) <= (offer.get('client_max_window_bits') ?? 0);
}

/**
 * What inflates the server's messages, one after the other, as was agreed on; null where no extension is used, which a
 * server is free to decide.
 * @throws Error where the response fits no valid offer
 */
export function agree(offered: string, response: string | undefined): ((payload: Buffer) => Buffer) | null {
  if (response === undefined) return null;
  const [accepted, ...more] = parse(response, true);
  if (accepted === undefined || more.length > 0) throw new Error(`an extension header that is none: ${response}`);
  if (!parse(offered).some((offer) => answers(accepted, offer))) {
    throw new Error(`agrees on what was not offered: ${response}`);
  }
  const windowBits = accepted.get('server_max_window_bits') ?? 15;
  let history: Buffer = Buffer.alloc(0);
  return (payload) => {
    const message = inflate(payload, windowBits, history);
    if (!accepted.has('server_no_context_takeover')) history = glue(history, message).subarray(-(2 ** windowBits));
    return message;
  };
}

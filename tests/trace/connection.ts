/** The two directions of a connection, as the trace decodes them. */
import { Decoder, Link } from '../../lib/trace/decoder.ts';
import { REQUEST } from '../wire.ts';

export const RESPONSE = 'HTTP/1.1 101 Switching Protocols\r\n\r\n';
export const DEFLATE = RESPONSE.replace(/\r\n$/, 'Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n');

/** Nothing has been sent yet. */
export function opened(): { client: Decoder; server: Decoder; link: Link } {
  const link = new Link();
  return { client: new Decoder('client', link), server: new Decoder('server', link), link };
}

/** The handshake is done and told. */
export function connection(response = RESPONSE): { client: Decoder; server: Decoder; link: Link } {
  const both = opened();
  both.client.push(Buffer.from(REQUEST));
  both.server.push(Buffer.from(response));
  return both;
}

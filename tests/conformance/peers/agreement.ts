/** What a client and a server have agreed on: Sec-WebSocket-Extensions (RFC 6455 9.1, RFC 7692 7.1). */
import { deflated, inflated } from '../../raw_deflate.ts';
import { frame, framesIn } from '../../wire.ts';
import { type Bytes, chop, glue, RSV1 } from '../row.ts';

export interface Agreement {
  serverBits: number;
  serverKeeps: boolean;
  clientBits: number;
}

type Params = Map<string, string | null>;
type Offer = { name: string; params: Params };

const NAME = 'permessage-deflate';
const BITS = /^(?:8|9|1[0-5])$/;

/** A well-formed header's offers. The rows' values hold no ',' or ';'. */
function parse(list: string): Offer[] {
  return list.split(',').map((one) => one.trim()).filter((one) => one !== '').map((one) => {
    const [name = '', ...params] = one.split(';').map((part) => part.trim());
    const pairs = params.map((param): [string, string | null] => {
      const [key = '', value] = param.split('=').map((part) => part.trim());
      return [key, value === undefined ? null : value.replace(/^"(.*)"$/, '$1').replaceAll(/\\(.)/g, '$1')];
    });
    const map: Params = new Map(pairs);
    // Said in a way that no valid offer is
    if (map.size < pairs.length) map.set('', 'a parameter that comes twice');
    return { name, params: map };
  });
}

/** RFC 7692 7.1: these four, and these values of theirs; in a response both window bits need one. */
function isValid({ name, params }: Offer, response: boolean): boolean {
  return name === NAME && [...params].every(([param, value]) => {
    if (/^(?:server|client)_no_context_takeover$/.test(param)) return value === null;
    if (param === 'client_max_window_bits' && !response && value === null) return true;
    return /^(?:server|client)_max_window_bits$/.test(param) && value !== null && BITS.test(value);
  });
}

/** RFC 7692 7.1.1 and 7.1.2, parameter by parameter. */
function answers(response: Params, offer: Params): boolean {
  const bits = (params: Params, side: string): number => Number(params.get(`${side}_max_window_bits`) ?? 15);
  if (offer.has('server_no_context_takeover') && !response.has('server_no_context_takeover')) return false;
  if (offer.has('server_max_window_bits') && !response.has('server_max_window_bits')) return false;
  if (response.has('client_max_window_bits') && !offer.has('client_max_window_bits')) return false;
  return bits(response, 'server') <= bits(offer, 'server') &&
    (!response.has('client_max_window_bits') || bits(response, 'client') <= bits(offer, 'client'));
}

/** Null where no extension is used, which a server is free to decide; fails where the response fits no valid offer. */
export function agree(offered: string, response: string | undefined): Agreement | null {
  if (response === undefined) return null;
  const [accepted, ...more] = parse(response);
  if (accepted === undefined || more.length > 0 || !isValid(accepted, true)) {
    throw new Error(`an extension header that is none: ${response}`);
  }
  const offers = parse(offered).filter((offer) => isValid(offer, false));
  if (!offers.some(({ params }) => answers(accepted.params, params))) {
    throw new Error(`agrees on what was not offered: ${response}`);
  }
  const { params } = accepted;
  return {
    serverBits: Number(params.get('server_max_window_bits') ?? 15),
    serverKeeps: !params.has('server_no_context_takeover'),
    clientBits: Number(params.get('client_max_window_bits') ?? 15),
  };
}

/** The server's messages, inflated with the window and the context that were agreed on. */
export class Inflater {
  private readonly agreement: Agreement;
  private history: Buffer = Buffer.alloc(0);

  constructor(agreement: Agreement) {
    this.agreement = agreement;
  }

  inflate(payload: Buffer): Buffer {
    const { serverBits, serverKeeps } = this.agreement;
    const dictionary = this.history.length > 0 ? { dictionary: this.history } : {};
    const message = inflated(payload, dictionary);
    if (serverKeeps) this.history = glue(this.history, message).subarray(-(2 ** serverBits));
    return message;
  }
}

/** A client's frames, its compressed messages compressed anew with the smaller window that the server asks for. */
export function recode(packets: Bytes[], bits: number): Buffer[] {
  const out: Buffer[] = [];
  let opcode = 0, parts: Buffer[] = [];
  const sent = glue(...packets), frames = framesIn(sent);
  for (const { first, payload, whole } of frames) {
    if ((first & 0x0f) === 0 ? opcode === 0 : (first & RSV1) === 0) {
      out.push(whole);
      continue;
    }
    opcode ||= first & 0x0f;
    parts.push(payload);
    if ((first & 0x80) === 0) continue;
    const packed = deflated(inflated(glue(...parts)), { windowBits: bits });
    const pieces = chop(packed, Math.ceil(packed.length / parts.length));
    out.push(...pieces.map((piece, i) => frame(i === 0 ? opcode : 0, piece,
      { fin: i === pieces.length - 1, rsv: i === 0 ? RSV1 : 0 })));
    [opcode, parts] = [0, []];
  }
  // A client may leave in the middle of a frame
  const cut = frames.reduce((sum, { whole }) => sum + whole.length, 0);
  return cut < sent.length ? [...out, sent.subarray(cut)] : out;
}

/** The page (page.html and its parts in page/) for a browser that opens the server's address. */
import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Socket } from '../php/sockets.ts';
import type { FrameInbox } from '../websocket/codec.ts';
import { ICON, METHODS, type Request } from '../websocket/handshake.ts';
import { type Head, responseOf } from '../websocket/http.ts';
import type { Message } from '../websocket/message.ts';
import { Taps } from './tap.ts';
import { type Leave, type Step, Watchers } from './watch.ts';

const METHODS_ANSWER = responseOf(204, { Allow: METHODS.join(', ') }, null);
/** Nobody has typed the icon's address, so the log has no line about it. */
const NO_ICON = responseOf(204, {}, null);

/** The page, as the loop sees it; late_page.ts makes it. */
export class Page {
  /** The terminal's taps too: all share what may be told in one pass. */
  readonly taps = new Taps();
  private readonly body: Buffer;
  private readonly fields: Record<string, string>;
  /** Content-Security-Policy: only the scripts and styles of page.html may run. */
  private readonly policy: string;
  private readonly watchers: Watchers;
  private readonly leave: Leave;
  private readonly isQuiet: boolean;

  /**
   * Reads the page, and server.ts, whose steps the page shows.
   * @param isQuiet no line of the log says who has got the page: health checks get it every few seconds
   */
  constructor(leave: Leave, isQuiet = false) {
    this.leave = leave;
    this.isQuiet = isQuiet;
    this.body = Buffer.from(wholePage());
    this.policy = `default-src 'none'; script-src ${this.hashesOf('script')}; style-src ${this.hashesOf('style')}; ` +
      "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    this.fields = {
      'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-cache', 'Referrer-Policy': 'no-referrer',
    };
    this.watchers = new Watchers(this.taps, leave, stepsOf(read('../../server.ts')));
  }

  /**
   * Answers a request for the page (step 6): sends it, and lets the client go. Notes the page's own WebSockets.
   * @param inbox the client's inbox, with what came after the request
   * @returns false for a WebSocket, which the loop answers
   * @throws HttpError when a request must not watch
   */
  answers(socket: Socket, inbox: FrameInbox, { head, isForPage }: Request): boolean {
    if (!isForPage) {
      this.watchers.meet(socket, inbox, head);
      return false;
    }
    const words = head.method === 'OPTIONS' ? { bytes: METHODS_ANSWER, line: 'has asked for the methods' }
      : head.target === ICON ? { bytes: NO_ICON, line: '' }
      : { bytes: this.pageFor(head), line: 'has got the page' };
    this.leave(socket, 6, this.isQuiet ? { ...words, line: '' } : words);
    return true;
  }

  private pageFor(head: Head): Uint8Array[] {
    const [host = ''] = head.fields.get('host') ?? [];
    // In older browsers 'self' does not include ws:
    const own = /^[\w.:[\]-]+$/.test(host) ? ` ws://${host} wss://${host}` : '';
    const fields = { ...this.fields, 'Content-Security-Policy': `${this.policy}; connect-src 'self'${own}` };
    return responseOf(200, fields, this.body, head.method !== 'HEAD');
  }

  /** Carries out a message that is a command of the page (step 7); false for any other, which is echoed. */
  takes(socket: Socket, message: Message): boolean {
    // A client without a tap is not a watcher: other clients pay for this comparison only
    return socket.tap !== null && this.watchers.command(socket, message);
  }

  private hashesOf(element: string): string {
    const texts = this.body.toString().matchAll(new RegExp(`<${element}[^>]*>([^]*?)</${element}>`, 'g'));
    return Array.from(texts, ([, text]) => `'sha256-${hash('sha256', text!, 'base64')}'`).join(' ') || "'none'";
  }
}

/** Returns page.html with its style and its scripts in it: one file, one request, one hash of each in the policy. */
export function wholePage(): string {
  const partsOf = (text: string): string =>
    Array.from(text.matchAll(/(?:href|src)="(page\/[\w.]+)"/g), ([, name]) => read(name!)).join('\n');
  return read('page.html')
    .replace(/<link rel="stylesheet".*>/, (links) => `<style>\n${partsOf(links)}</style>`)
    .replace(/(?:<script src=.*><\/script>\s*)+/, (scripts) => `<script>\n${partsOf(scripts)}</script>\n`);
}

function read(name: string): string {
  return readFileSync(new URL(name, import.meta.url), 'utf8');
}

/** Returns the steps of server.ts, in order; a step's code may stand in two places. */
export function stepsOf(source: string): Step[] {
  const lines = source.split('\n');
  const code = new Map<number, string[]>();
  let current: string[] = [];
  for (const line of lines.slice(0, lines.indexOf('}'))) {
    const number = /^ *\/\/ (\d+)(?:  |$)/.exec(line)?.[1];
    if (number !== undefined) {
      current = code.get(Number(number)) ?? [];
      code.set(Number(number), current);
    }
    current.push(line.trimEnd());
  }
  return Array.from(source.matchAll(/^ \* +(\d+)  (\S.*)$/gm), ([, number, says]) => {
    return { step: Number(number), says: says!, code: code.get(Number(number)) ?? [] };
  });
}

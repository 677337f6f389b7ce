/** The page of page.html, for whoever opens the server's address in a browser, and what it does over its WebSockets. */
import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Socket } from '../php/sockets.ts';
import type { FrameInbox } from '../websocket/codec.ts';
import type { Request } from '../websocket/handshake.ts';
import { responseOf } from '../websocket/http.ts';
import type { Message } from '../websocket/message.ts';
import type { Taps } from './tap.ts';
import { Watchers } from './watch.ts';

/** The loop's own: a client goes, at this step, and these are its last words. */
export type Leave = (socket: Socket, step: number, words: { bytes: Uint8Array[]; line: string }) => void;

/** What the loop asks of the page. */
export class Page {
  private readonly body: Buffer;
  private readonly fields: Record<string, string>;
  /** What the page may run: the hashes of its own scripts and styles, and nothing that gets into it later. */
  private readonly policy: string;
  private readonly watchers: Watchers;
  private readonly leave: Leave;

  /** Reads the page's file, and server.ts, whose lines the page shows. */
  constructor(taps: Taps, leave: Leave) {
    this.leave = leave;
    const read = (name: string): Buffer => readFileSync(new URL(name, import.meta.url));
    this.body = read('./page.html');
    this.policy = `default-src 'none'; script-src ${this.hashesOf('script')}; style-src ${this.hashesOf('style')}; ` +
      "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    this.fields = {
      'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-cache', 'Referrer-Policy': 'no-referrer',
    };
    this.watchers = new Watchers(taps, read('../../server.ts').toString());
  }

  /**
   * Whether it answers a request that is about to be answered (step 6): a client that asks for the page, and for no
   * WebSocket, gets it and leaves. The page's own WebSockets are noted, and go on as any other.
   * @param inbox the client's, with what came behind the request
   * @throws HttpError where the request is for watching and must not watch
   */
  answers(socket: Socket, inbox: FrameInbox, { head, wsKey }: Request): boolean {
    if (wsKey !== '') {
      this.watchers.meet(socket, inbox, head);
      return false;
    }
    const [host = ''] = head.fields.get('host') ?? [];
    // 'self' is meant to be enough; older browsers take it for http only
    const own = /^[\w.:[\]-]+$/.test(host) ? ` ws://${host} wss://${host}` : '';
    const fields = { ...this.fields, 'Content-Security-Policy': `${this.policy}; connect-src 'self'${own}` };
    const bytes = responseOf(200, fields, this.body, head.method !== 'HEAD');
    this.leave(socket, 6, { bytes, line: 'has got the page' });
    return true;
  }

  /** Whether a message is a command of the page's, and not for the echo (step 7); it is obeyed then. */
  takes(socket: Socket, message: Message): boolean {
    // Whoever has no tap is no watcher: that is all that other clients pay
    return socket.tap !== null && this.watchers.command(socket, message);
  }

  private hashesOf(element: string): string {
    const texts = this.body.toString().matchAll(new RegExp(`<${element}[^>]*>([^]*?)</${element}>`, 'g'));
    return Array.from(texts, ([, text]) => `'sha256-${hash('sha256', text!, 'base64')}'`).join(' ') || "'none'";
  }
}

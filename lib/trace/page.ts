/** The page of lib/trace/page.html, for whoever opens the server's address in a browser. */
import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { HttpError } from '../websocket/http.ts';

const BODY = readFileSync(new URL('./page.html', import.meta.url));

/** Of its own scripts and styles the browser runs these, and nothing that gets into the page later. */
const SCRIPTS = hashesOf('script'), STYLES = hashesOf('style');

/** The page, as the answer to a request that gets no WebSocket. */
export class Page extends HttpError {
  readonly body = BODY;

  /** @param host the request's Host, to which the page may connect */
  constructor(method: string, host: string) {
    // 'self' is meant to be enough; older browsers take it for http only
    const own = /^[\w.:[\]-]+$/.test(host) ? ` ws://${host} wss://${host}` : '';
    super(200, '', {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Length': String(BODY.length),
      'Cache-Control': 'no-cache',
      'Content-Security-Policy': `default-src 'none'; script-src ${SCRIPTS}; style-src ${STYLES}; img-src data:; ` +
        `connect-src 'self'${own}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      'Referrer-Policy': 'no-referrer',
    });
    this.hasBody = method !== 'HEAD';
  }

  /** The head alone; the body, which all share, is written behind it. */
  override toResponse(): string {
    const { hasBody } = this;
    this.hasBody = false;
    const head = super.toResponse();
    this.hasBody = hasBody;
    return head;
  }
}

function hashesOf(element: string): string {
  const texts = BODY.toString().matchAll(new RegExp(`<${element}[^>]*>([^]*?)</${element}>`, 'g'));
  return Array.from(texts, ([, text]) => `'sha256-${hash('sha256', text!, 'base64')}'`).join(' ') || "'none'";
}

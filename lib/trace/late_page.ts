/**
 * The page, loaded when the first browser asks for it. Most servers are never asked, and loading it at the start takes a
 * tenth of the processor's time until "listening", and 3 MB. The first request waits as a message for zlib does (step 8).
 */
import { needDescriptors } from '../php/descriptors.ts';
import { hold, release } from '../php/select.ts';
import type { Socket } from '../php/sockets.ts';
import { unread } from '../php/stream.ts';
import type { FrameInbox } from '../websocket/codec.ts';
import type { Request } from '../websocket/handshake.ts';
import type { Message } from '../websocket/message.ts';
import type { Page } from './page.ts';

/**
 * Descriptors that loading takes at most. Without them Node 20 would refuse the page for ever, and tsx, which may start
 * a process for it, would end this one.
 */
const NEEDED = 16;

/** The page, as the loop sees it. */
export class LatePage {
  private readonly arrays: { sockets: Socket[]; selectWrite: Socket[] };
  private readonly leave: (socket: Socket, step: number, words: unknown) => void;
  private readonly isQuiet: boolean;
  private page: Page | null = null;

  /** @param isQuiet see Page */
  constructor(arrays: LatePage['arrays'], leave: LatePage['leave'], isQuiet = false) {
    this.arrays = arrays;
    this.leave = leave;
    this.isQuiet = isQuiet;
  }

  /**
   * Loads the page. Call at the start when clients have taps: they would see the first request twice.
   * @throws (a rejection) EMFILE while few descriptors are left: a later call may succeed
   */
  async load(): Promise<Page> {
    if (this.page === null) needDescriptors(NEEDED);
    const { Page } = await import('./page.ts');
    return this.page ??= new Page(this.leave, this.isQuiet);
  }

  /** See Page. The first request is put back, and true is returned: the loop reads it again when the page is loaded. */
  answers(socket: Socket, inbox: FrameInbox, request: Request): boolean {
    const { head, isForPage } = request, { sockets, selectWrite } = this.arrays;
    if (this.page !== null) return this.page.answers(socket, inbox, request);
    if (!isForPage && !head.target.startsWith('/trace/')) return false;
    unread(socket, Buffer.concat([head.bytes, inbox.take(inbox.length)]));
    delete sockets[socket.id];
    selectWrite[socket.id] = socket;
    hold(socket);
    this.load().then(() => release(socket), (error: unknown) => this.leave(socket, 6, error));
    return true;
  }

  /** See Page. */
  takes(socket: Socket, message: Message): boolean {
    return this.page !== null && this.page.takes(socket, message);
  }
}

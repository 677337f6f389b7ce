/** A client of the exercises: it notes what it hears, and answers Pings unless it is told not to. */
import { EventEmitter, once } from 'node:events';
import type net from 'node:net';
import { BINARY, CLOSE, PING, PONG, TEXT } from '../../lib/websocket/frame.ts';
import { closing, frame, Wire } from '../wire.ts';

/** Seconds after which a server that owes an answer counts as one that gives none. */
export const PATIENCE = 5;

interface Heard {
  opcode: number;
  payload: Buffer;
}

export class Player {
  /** All frames since the last forget(), without the Pongs that settle() has asked for. */
  heard: Heard[] = [];
  /** The connection has ended. */
  over = false;
  /** Whether it answers Pings. */
  private readonly answers: boolean;
  private readonly wire: Wire;
  private readonly changes = new EventEmitter();
  private barriers = 0;

  private constructor(wire: Wire, answers: boolean) {
    this.wire = wire;
    this.answers = answers;
    void this.listen();
  }

  /** Connected, and its handshake done. */
  static async join(where: net.NetConnectOpts, answers = true): Promise<Player> {
    return new Player(await Wire.open(where), answers);
  }

  /** Sends texts (strings) and binary messages, all in one packet. */
  say(...messages: (string | Uint8Array)[]): void {
    this.wire.send(...messages.map((one) => frame(typeof one === 'string' ? TEXT : BINARY, one)));
  }

  ping(payload = ''): void {
    this.wire.send(frame(PING, payload));
  }

  close(code = 1000): void {
    this.wire.send(frame(CLOSE, closing(code)));
  }

  /** Ends without a Close, as when a phone leaves the network and a browser is killed. */
  vanish(): void {
    this.wire.end();
  }

  get texts(): string[] {
    return this.only(TEXT).map((payload) => payload.toString());
  }

  /** The payloads of the frames of one opcode. */
  only(opcode: number): Buffer[] {
    return this.heard.filter((one) => one.opcode === opcode).map(({ payload }) => payload);
  }

  forget(): void {
    this.heard = [];
  }

  /**
   * Waits until this is so.
   * @returns whether it is: false when the time is up, or the connection has ended without it
   */
  async until(isSo: () => boolean, seconds = PATIENCE): Promise<boolean> {
    const signal = AbortSignal.timeout(seconds * 1000);
    while (!isSo() && !this.over) {
      try {
        await once(this.changes, 'change', { signal });
      } catch {
        break;
      }
    }
    return isSo();
  }

  /**
   * Until all has come that the server had for this client: it answers a Ping behind that.
   * @returns false where it does not
   */
  async settle(): Promise<boolean> {
    const mark = `settle ${this.wire.socket.localPort} ${++this.barriers}`;
    const isMark = ({ opcode, payload }: Heard): boolean => opcode === PONG && payload.toString() === mark;
    this.ping(mark);
    const isSettled = await this.until(() => this.heard.some(isMark));
    this.heard = this.heard.filter((one) => !isMark(one));
    return isSettled;
  }

  private async listen(): Promise<void> {
    try {
      for (;;) {
        const { first, payload } = await this.wire.frame();
        const opcode = first & 0x0f;
        if (opcode === PING && this.answers) this.wire.send(frame(PONG, payload));
        this.heard.push({ opcode, payload });
        this.changes.emit('change');
      }
    } catch {
      // Wire throws at the end of the connection, and at what is no frame of a server's
      this.over = true;
      this.wire.end();
      this.changes.emit('change');
    }
  }
}

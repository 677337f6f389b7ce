/** `--trace`: what crosses the wire, in words, between the lines of the console. */
import type { Socket } from './stream.ts';
import { tapOf, type Event } from './tap.ts';
import { print } from './var_dump.ts';

/** From now on all that the clients of this listening socket say and hear is printed. */
export function traceClients(server: Socket): void {
  server.listener!.tapOf = ({ id }) => tapOf(id, (event) => print(textOf(event)));
}

function textOf(event: Event): string {
  return `${JSON.stringify(event)}\n`;
}

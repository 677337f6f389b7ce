/** What --help prints: each flag with its default. options.ts reads them. */
export const HELP = `A WebSocket echo server, after a PHP article's socket_select loop.

Usage: tsx server.ts [options]        (node server.ts from Node 22.18)

  --port 8081             port to listen on; 0 takes a free one
  --address 0.0.0.0       address to listen on: 0.0.0.0 is every IPv4 address of this machine,
                          127.0.0.1 this machine alone; one with a ':' is IPv6, one with a '/' a Unix socket's path
  --quiet                 print no line per message
  --trace                 print every request, response and frame, both ways: the bytes, and each field in words
  --deflate               compress messages for clients that offer permessage-deflate
  --subprotocol a,b       accept these subprotocols only; without it a client gets the first that it offers
  --origin URL            only pages from there may connect (https://example.com); may be given more than once
  --strict                accept a Sec-WebSocket-Key of 16 bytes in base64 only, as the RFC has it
  --max-payload 16M       bytes that a message may have, over all its fragments and inflated; 64K, 1G... up to 1G
  --max-clients 10000     clients at once; further ones get 503
  --max-memory 25%        bytes that are held for all clients together; here a quarter of the machine's
  --handshake-timeout 10  seconds that a client gets to send its request
  --ping-interval 30      seconds without a message after which a client gets a Ping, and without anything
                          after which it is closed then; 0: never
  --write-timeout 30      seconds after which a client is cut that takes nothing of what waits for it
  --close-timeout 5       seconds that a client gets to end the connection when it is closed
  --help                  print this
  --version               print the version
`;

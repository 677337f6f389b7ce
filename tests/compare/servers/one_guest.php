<?php
/** Forgets a client when another comes: its socket is closed then. */
require 'loop.php';

$server = listenAt('0.0.0.0', 8093);
while (true) {
    $client = socket_accept($server);
    preg_match('/^Sec-WebSocket-Key: *(\S+)/mi', socket_read($client, 2048), $found);
    $accept = base64_encode(sha1("$found[1]258EAFA5-E914-47DA-95CA-C5AB0DC85B11", true));
    socket_write($client, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
        . "Connection: Upgrade\r\nSec-WebSocket-Accept: $accept\r\n\r\n");
}

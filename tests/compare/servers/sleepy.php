<?php
/** Rests in each pass, and tells all that are connected: those too that have not shaken hands. */
require 'loop.php';

$sockets = [$server = listenAt('0.0.0.0', 8091)];
$shaken = [];
while (true) {
    [$read, $write, $except] = [$sockets, null, null];
    socket_select($read, $write, $except, null);
    foreach ($read as $id => $socket) {
        if ($socket === $server) {
            $sockets[] = socket_accept($server);
            continue;
        }
        $buff = @socket_read($socket, 65536);
        if ((string) $buff === '') {
            unset($sockets[$id], $shaken[$id]);
        } elseif (isset($shaken[$id])) {
            foreach (array_slice($sockets, 1) as $one) send('all: ' . getMsg($buff), $one);
        } elseif (preg_match('/^Sec-WebSocket-Key: *(\S+)/mi', $buff, $found)) {
            $accept = base64_encode(sha1("$found[1]258EAFA5-E914-47DA-95CA-C5AB0DC85B11", true));
            socket_write($socket, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                . "Connection: Upgrade\r\nSec-WebSocket-Accept: $accept\r\n\r\n");
            $shaken[$id] = true;
        }
    }
    usleep(50_000);
}

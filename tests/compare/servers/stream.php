<?php
require __DIR__ . '/../codec.php';

$server = stream_socket_server('tcp://0.0.0.0:9501');
$sockets = [$server];
$hands = [];
while (true) {
    [$read, $write, $except] = [$sockets, null, null];
    stream_select($read, $write, $except, null);
    foreach ($read as $id => $socket) {
        if ($socket === $server) {
            $sockets[] = stream_socket_accept($server);
            continue;
        }
        $buff = fread($socket, 65536);
        if ($buff === '' || $buff === false) {
            unset($sockets[$id], $hands[$id]);
            fclose($socket);
        } elseif (isset($hands[$id])) {
            fwrite($socket, buildMsg(getMsg($buff)));
        } elseif (preg_match('/^Sec-WebSocket-Key: *(\S+)/mi', $buff, $found)) {
            $accept = base64_encode(sha1("$found[1]258EAFA5-E914-47DA-95CA-C5AB0DC85B11", true));
            fwrite($socket, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                . "Connection: Upgrade\r\nSec-WebSocket-Accept: $accept\r\n\r\n");
            $hands[$id] = true;
        }
    }
}

<?php
/** What the servers of this folder share. Each of them writes its port down in another way, or answers in another way. */
require_once __DIR__ . '/../codec.php';

/** Listens at this port. */
function listenAt($address, $port)
{
    $server = socket_create(AF_INET, SOCK_STREAM, SOL_TCP);
    socket_set_option($server, SOL_SOCKET, SO_REUSEADDR, 1);
    socket_bind($server, $address, $port);
    socket_listen($server, 10);
    return $server;
}

/**
 * Serves for ever.
 * @param callable $answer gets a message, its client, and all clients that have shaken hands
 * @param callable|null $greet gets a client that has just done so
 */
function serve($server, callable $answer, ?callable $greet = null)
{
    $sockets = [$server];
    $clients = [];
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
                unset($sockets[$id], $clients[$id]);
                socket_close($socket);
            } elseif (isset($clients[$id])) {
                $answer(getMsg($buff), $socket, $clients);
            } elseif (preg_match('/^Sec-WebSocket-Key: *(\S+)/mi', $buff, $found)) {
                $accept = base64_encode(sha1("$found[1]258EAFA5-E914-47DA-95CA-C5AB0DC85B11", true));
                socket_write($socket, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                    . "Connection: Upgrade\r\nSec-WebSocket-Accept: $accept\r\n\r\n");
                $clients[$id] = $socket;
                if ($greet !== null) $greet($socket);
            }
        }
    }
}

function send($message, $socket)
{
    socket_write($socket, buildMsg($message));
}

<?php
/**
 * Left page: a WebSocket echo server with PHP's socket_select, with the calls, the names and the faults of the article.
 * Right page: ../../server.ts, whose steps have the same numbers. What stands behind "Right page:" is a departure, and
 * the letter behind the number is its section in README.md beside this file; `npm run compare` plays each of them.
 *
 * Usage: php select_server.php [ADDRESS [PORT]]
 */
require __DIR__ . '/codec.php';

// Right page: flags (1b)
$address = $argv[1] ?? '0.0.0.0';
$port = $argv[2] ?? '8081';

// All sockets, the server too, for socket_select
$sockets = [];

// 1  Each of these returns false with a warning where it fails, and nobody looks. Right page: exit status 1 (1a)
$server = socket_create(AF_INET, SOCK_STREAM, SOL_TCP);
socket_set_option($server, SOL_SOCKET, SO_REUSEADDR, 1);
// Right page: TCP_NODELAY (1d) and SO_LINGER (1e) too
socket_bind($server, $address, $port);
// Right page: 511 may wait (1c)
socket_listen($server, 10);
array_push($sockets, $server);

// Right page: SIGINT and SIGTERM send all clients a Close (1f)

// Those whose clients do not read would belong here. It stays empty. Right page: (8a, 8b)
$selectWrite = [];

// Those who have shaken hands
$handShake = [];

$except = null;

while (true) {
    // 2  socket_select takes idle sockets out of its arguments, so they are copies
    $tempSelectRead = $sockets;
    $tempSelectWrite = $selectWrite;
    // null: for as long as nobody says anything. Right page: a second, and then who has been silent too long (10a).
    // With descriptors from 1,024 on it fails, at once and again. Right page: its own list of the active ones (2c)
    $selectResult = socket_select($tempSelectRead, $tempSelectWrite, $except, null);
    if (!$selectResult) continue;

    foreach ($tempSelectRead as $socket) {
        if ($socket == $server) {
            // 3  One, though more may wait; false where no descriptor is left. Right page: all (3a), one line (3b)
            $client = socket_accept($socket);
            if ($client) {
                array_push($sockets, $client);
                var_dump('新链接' . array_search($client, $sockets) . '已创建');
            }
        } else {
            // 4  What has come by now, 1,024 bytes at most: part of a request or frame, or more than one.
            //    Right page: an Inbox keeps it until it is whole (4a, 4b)
            $buff = socket_read($socket, 1024);

            if ($buff === '') {
                // 5  The end. A reset gives false once, which goes on below, then ''. Right page: both the same (5a)
                var_dump('客户端' . array_search($socket, $sockets) . '主动关闭');
                unset($sockets[array_search($socket, $sockets)]);
                // isset asks whether both variables are set, and they are: also for one who is not in $handShake. Then
                // array_search gives false, which is index 0: somebody else's. Right page: keyed by id (5b)
                if (isset($socket, $handShake)) unset($handShake[array_search($socket, $handShake)]);
                socket_close($socket);
            } elseif (!in_array($socket, $handShake)) {
                // 6  Only the key is looked at, its name in this spelling. Right page: getRequest (6a to 6d, 6f)
                if (!preg_match('/Sec-WebSocket-Key:\s(.*)\r\n/', $buff, $result)) {
                    // Nobody catches it: the server has ended, for all. Right page: one client's last words (9a)
                    throw new Exception('未获取到协议升级KEY');
                }
                $wsKey = $result[1];
                $acceptWsKey = base64_encode(sha1($wsKey . '258EAFA5-E914-47DA-95CA-C5AB0DC85B11', true));
                // PHP_EOL is the system's, a bare LF on Linux; HTTP's is CRLF on all of them. Right page: \r\n (6e)
                $responseHttpHeader = 'HTTP/1.1 101 Switching Protocols' . PHP_EOL;
                $responseHttpHeader .= 'Upgrade: websocket' . PHP_EOL;
                $responseHttpHeader .= 'Connection: Upgrade' . PHP_EOL;
                $responseHttpHeader .= 'Sec-WebSocket-Accept: ' . $acceptWsKey . PHP_EOL . PHP_EOL;
                socket_write($socket, $responseHttpHeader, strlen($responseHttpHeader));
                array_push($handShake, $socket);
                var_dump('新连接' . array_search($socket, $sockets) . '握手成功');
            } else {
                // 7  Whatever it is, Close and Ping too, it is answered as text. Right page: by its opcode (7a, 7b)
                $message = getMsg($buff);
                var_dump($message);
                $returnMessage = buildMsg($message);
                // Waits until the client has room, and all the others wait with it. Right page: $selectWrite (8a, 8c)
                socket_write($socket, $returnMessage, strlen($returnMessage));
            }
        }
    }
}

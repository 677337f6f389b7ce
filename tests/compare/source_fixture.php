<?php
# A select loop in another hand than the article's, for source.test.ts: other names, other braces, functions of its own.
error_reporting(E_ALL);
set_time_limit(0);

$host = "127.0.0.1";
$port = isset($argv[1]) ? (int) $argv[1] : 9000;

$master = socket_create(AF_INET, SOCK_STREAM, SOL_TCP) or die("no socket");
socket_set_option($master, SOL_SOCKET, SO_REUSEADDR, 1);
socket_bind($master, $host, $port) or die('no bind');
socket_listen($master, 5);

$clients = array($master);
$handshaken = array();

for (;;)
{
    $read = $clients;
    $write = null;
    $except = null;
    if (socket_select($read, $write, $except, null) < 1)
        continue;

    foreach ($read as $conn)
    {
        if ($conn === $master)
        {
            $new = socket_accept($master);
            if ($new === false)
                continue;
            $clients[] = $new;
            echo "new client\n";
            continue;
        }

        $bytes = socket_recv($conn, $data, 2048, 0);
        if ($bytes === 0 || $bytes === false)
        {
            echo "a client has left\n";
            disconnect($conn);
            continue;
        }

        if (!in_array($conn, $handshaken))
        {
            /* the key
               of the client */
            preg_match('#Sec-WebSocket-Key: (.*)\r\n#', $data, $found);
            $accept = base64_encode(pack('H*', sha1($found[1] . '258EAFA5-E914-47DA-95CA-C5AB0DC85B11')));
            $head = <<<HEAD
            HTTP/1.1 101 Switching Protocols
            Upgrade: websocket

            Connection: Upgrade
            HEAD;
            $head .= "\r\nSec-WebSocket-Accept: $accept\r\n\r\n";
            socket_write($conn, $head, strlen($head));
            $handshaken[] = $conn;
        }
        else
        {
            $text = unmask($data);
            echo "<$text>\n";
            $frame = mask($text);
            socket_write($conn, $frame, strlen($frame));
        }
    }
}

function disconnect($conn)
{
    global $clients, $handshaken;
    unset($clients[array_search($conn, $clients)]);
    unset($handshaken[array_search($conn, $handshaken)]);
    socket_close($conn);
}

function unmask($data)
{
    $key = substr($data, 2, 4);
    $text = substr($data, 6);
    for ($i = 0; $i < strlen($text); $i++) $text[$i] = $text[$i] ^ $key[$i % 4];
    return $text;
}

function mask($text)
{
    return chr(0x81) . chr(strlen($text)) . $text;
}

<?php
/** What lib's comments and README say of PHP, tried: `php socket_read.php` exits 0, or prints what it saw instead. */
error_reporting(E_ALL & ~E_DEPRECATED);

/** `$expected`: what the call returns, as JSON, or a class; "warning, " stands before it where PHP warns. */
function check(string $claim, string $expected, callable $call): void
{
    $warning = '';
    set_error_handler(function (int $level) use (&$warning) {
        if (error_reporting() & $level) $warning = 'warning, ';
    }, E_WARNING);
    try {
        $value = $call();
        $seen = is_object($value) ? get_class($value) : json_encode($value, JSON_UNESCAPED_UNICODE);
    } catch (Throwable $error) {
        $seen = get_class($error);
    }
    restore_error_handler();
    if ($warning . $seen === $expected) return;
    echo basename($_SERVER['PHP_SELF'], '.php'), ": $claim: not $expected, but $warning$seen\n";
    exit(1);
}

/** A socket that stays open, whoever forgets it. */
function tcp(): Socket
{
    static $open = [];
    return $open[] = socket_create(AF_INET, SOCK_STREAM, SOL_TCP);
}

/** A server on a free port of 127.0.0.1. */
function listening(int $backlog = 10): Socket
{
    $server = tcp();
    socket_bind($server, '127.0.0.1', 0);
    socket_listen($server, $backlog);
    return $server;
}

function portOf(Socket $server): int
{
    socket_getsockname($server, $address, $port);
    return $port;
}

/** Both ends of a connection: the server's socket for a client, and the client's own. */
function pair(): array
{
    $server = listening();
    $peer = tcp();
    socket_connect($peer, '127.0.0.1', portOf($server));
    return [socket_accept($server), $peer];
}

/** 1 where the socket is active for reading within these seconds, else 0. */
function active(Socket $socket, ?int $seconds = 0): int
{
    $read = [$socket];
    $write = $except = null;
    return socket_select($read, $write, $except, $seconds);
}

/** Resets the connection, and waits until the other end has seen it. */
function reset_connection(Socket $peer, Socket $socket): void
{
    socket_set_option($peer, SOL_SOCKET, SO_LINGER, ['l_onoff' => 1, 'l_linger' => 0]);
    socket_close($peer);
    wait_for_reset($socket);
}

function wait_for_reset(Socket $socket): void
{
    while (@socket_getpeername($socket, $address)) usleep(1000);
}

/** Another program: in 0.2 s it connects to the server, and 0.2 s later it does this with its stream $s. */
function later(Socket $server, string $what = 'fwrite($s, "late");'): void
{
    $port = portOf($server);
    $code = "usleep(200000); \$s = stream_socket_client('tcp://127.0.0.1:$port'); usleep(200000); $what";
    exec(PHP_BINARY . ' -r ' . escapeshellarg($code) . ' >/dev/null 2>&1 &');
}

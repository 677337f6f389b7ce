<?php
/** Answers as only a client may. */
require 'class.php';
(new SocketServer('127.0.0.1', 8087))->start(function ($message, $client) {
    $masked = $message ^ str_repeat('mask', strlen($message));
    socket_write($client, "\x81" . chr(0b1000_0000 | strlen($message)) . 'mask' . $masked);
});

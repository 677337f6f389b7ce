<?php
/** Answers one message of each client. */
require 'class.php';
(new SocketServer('127.0.0.1', 8084))->start(function ($message, $client) {
    send($message, $client);
    socket_shutdown($client);
});

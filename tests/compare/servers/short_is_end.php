<?php
/** Takes a short message for the end, as some tutorials do. */
require 'class.php';
(new SocketServer('127.0.0.1', 8089))->start(function ($message, $client) {
    if (strlen($message) < 9) socket_shutdown($client);
    else send($message, $client);
});

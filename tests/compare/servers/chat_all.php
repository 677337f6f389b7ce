<?php
/** Greets, and tells everybody in JSON. */
require 'class.php';
(new SocketServer(port: 8082))->start(function ($message, $client, $clients) {
    foreach ($clients as $one) send(json_encode(['type' => 'message', 'text' => $message]), $one);
}, fn ($client) => send('welcome', $client));

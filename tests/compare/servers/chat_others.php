<?php
/** Its port is in another file. Whoever says something does not hear it. */
require 'class.php';
$config = require __DIR__ . '/config.php';
(new SocketServer($config['chat']['host'], $config['chat']['port']))->start(function ($message, $client, $clients) {
    foreach ($clients as $other) if ($other !== $client) send($message, $other);
});

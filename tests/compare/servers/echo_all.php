<?php
require 'class.php';
(new SocketServer('0.0.0.0', 8092))->start(function ($message, $client, $clients) {
    foreach ($clients as $one) send($message, $one);
});

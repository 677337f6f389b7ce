<?php
require __DIR__ . '/loop.php';

class Server
{
    private $port = '8000';

    public function run($size = 2048)
    {
        serve(listenAt('localhost', $this->port), fn ($message, $client) => send($message, $client));
    }
}

(new Server)->run();

<?php
require_once 'loop.php';

class SocketServer
{
    private $server;

    public function __construct($host = '0.0.0.0', $port = 2000)
    {
        $this->server = listenAt($host, $port);
    }

    public function start(callable $answer, ?callable $greet = null)
    {
        serve($this->server, $answer, $greet);
    }
}

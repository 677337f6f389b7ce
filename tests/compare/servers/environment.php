<?php
/** No text shows its port. */
require 'loop.php';
serve(listenAt('127.0.0.1', (int) getenv('WHERE')), 'send');

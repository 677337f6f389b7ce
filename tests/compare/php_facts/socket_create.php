<?php
require __DIR__ . '/check.php';

foreach (['AF_INET' => AF_INET, 'AF_INET6' => AF_INET6, 'AF_UNIX' => AF_UNIX] as $name => $domain) {
    check("0 is a protocol of $name", 'Socket', fn () => socket_create($domain, SOCK_STREAM, 0));
}
check('SOL_TCP is one of AF_INET', 'Socket', fn () => socket_create(AF_INET, SOCK_STREAM, SOL_TCP));
check('SOL_TCP is one of AF_INET6', 'Socket', fn () => socket_create(AF_INET6, SOCK_STREAM, SOL_TCP));
check('SOL_TCP is none of AF_UNIX', 'warning, false', fn () => socket_create(AF_UNIX, SOCK_STREAM, SOL_TCP));
check('an unknown protocol', 'warning, false', fn () => socket_create(AF_INET, SOCK_STREAM, 99));
check('an unknown domain', 'ValueError', fn () => socket_create(3, SOCK_STREAM, 0));
check('an unknown type', 'ValueError', fn () => socket_create(AF_INET, 99, 0));

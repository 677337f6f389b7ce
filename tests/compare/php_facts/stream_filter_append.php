<?php
require __DIR__ . '/check.php';

check('it changes what is written, and fwrite counts what it was given', '[5,"HELLO"]', function () {
    $file = fopen('php://temp', 'w+');
    stream_filter_append($file, 'string.toupper', STREAM_FILTER_WRITE);
    $count = fwrite($file, 'hello');
    rewind($file);
    return [$count, fread($file, 100)];
});
check('zlib.deflate is one', 'true', fn () => in_array('zlib.*', stream_get_filters()));
check('a stream has as many as wanted', '"N"', function () {
    $file = fopen('php://temp', 'w+');
    stream_filter_append($file, 'string.toupper', STREAM_FILTER_WRITE);
    stream_filter_append($file, 'string.rot13', STREAM_FILTER_WRITE);
    fwrite($file, 'a');
    rewind($file);
    return fread($file, 100);
});
check('a Socket is no stream', 'TypeError', fn () => stream_filter_append(tcp(), 'string.toupper'));

<?php
// The two functions that the article calls and does not show, as its loop needs them: one frame a read, text back.

function getMsg($buff)
{
    $length = ord($buff[1]) & 127;
    $start = $length === 126 ? 4 : ($length === 127 ? 10 : 2);
    if ($length === 126) $length = unpack('n', substr($buff, 2, 2))[1];
    if ($length === 127) $length = unpack('J', substr($buff, 2, 8))[1];
    $key = substr($buff, $start, 4);
    $payload = substr($buff, $start + 4, $length);
    for ($i = 0; $i < strlen($payload); $i++) $payload[$i] = $payload[$i] ^ $key[$i % 4];
    return $payload;
}

function buildMsg($message)
{
    $length = strlen($message);
    if ($length < 126) return "\x81" . chr($length) . $message;
    if ($length < 65536) return "\x81\x7e" . pack('n', $length) . $message;
    return "\x81\x7f" . pack('J', $length) . $message;
}

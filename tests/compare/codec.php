<?php
/**
 * Left page: getMsg and buildMsg, which the article calls and does not show. Right page: ../../lib/websocket/codec.ts
 *
 * They are as plain as its loop needs them: getMsg takes what one read gave for one frame, and buildMsg makes a text
 * frame of anything. What they leave out is what the right page adds.
 */

/** The payload of the frame that $buff is taken for, unmasked. Its opcode, FIN and MASK bits are not looked at. */
function getMsg($buff)
{
    // The second byte: MASK and 7 bits of length. 126 and 127 say that 2 or 8 bytes more hold it
    $length = ord($buff[1]) & 0b0111_1111;
    $start = 2;
    if ($length === 126) {
        $length = unpack('n', substr($buff, 2, 2))[1];
        $start = 4;
    } elseif ($length === 127) {
        $length = unpack('J', substr($buff, 2, 8))[1];
        $start = 10;
    }
    // Right page: payloads that have not come as a whole wait in the Inbox, what follows is the next frame
    $key = substr($buff, $start, 4);
    $payload = substr($buff, $start + 4, $length);
    for ($i = 0; $i < strlen($payload); $i++) {
        $payload[$i] = $payload[$i] ^ $key[$i % 4];
    }
    return $payload;
}

/** The frame that carries $message to a client: FIN set, text, not masked. */
function buildMsg($message)
{
    $length = strlen($message);
    if ($length < 126) {
        return "\x81" . chr($length) . $message;
    }
    if ($length < 65536) {
        return "\x81\x7e" . pack('n', $length) . $message;
    }
    return "\x81\x7f" . pack('J', $length) . $message;
}

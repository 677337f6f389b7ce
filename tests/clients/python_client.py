"""The clients of Python's websockets and of Tornado. Usage: python3 python_client.py websockets|tornado ws://..."""
import asyncio
import hashlib
import json
import pathlib
import sys


async def play_websockets(url, scenes):
    import websockets

    messages = [message_of(scene) for scene in scenes["messages"]]
    report = {"answers": []}
    async with websockets.connect(url, max_size=None) as socket:
        try:
            for message in messages:
                await socket.send(message)
                report["answers"].append(describe(await socket.recv()))
            for message in messages:
                await socket.send(message)
            for _ in messages:
                report["answers"].append(describe(await socket.recv()))
            # The inner await is for an answer with this very payload
            await (await socket.ping(scenes["ping"]))
            report["pong"] = scenes["ping"]
            await socket.close(**scenes["close"])
            await socket.recv()
        except websockets.ConnectionClosed as closed:
            # Without a Close frame from the server it is what a browser calls 1006
            code, reason = (closed.rcvd.code, closed.rcvd.reason) if closed.rcvd else (1006, "")
            was_clean = closed.rcvd is not None and closed.sent is not None
            report["close"] = {"wasClean": was_clean, "code": code, "reason": reason}
    return report


async def play_tornado(url, scenes):
    from tornado.websocket import websocket_connect

    messages = [message_of(scene) for scene in scenes["messages"]]
    answers = []
    socket = await websocket_connect(url, compression_options={})
    for batch in [*[[message] for message in messages], messages]:
        for message in batch:
            await socket.write_message(message, binary=isinstance(message, bytes))
        for _ in batch:
            answers.append(describe(await socket.read_message()))
    socket.close(**scenes["close"])
    assert await socket.read_message() is None
    was_clean = socket.close_code is not None
    return {"answers": answers, "close": {"wasClean": was_clean, "code": socket.close_code, "reason": socket.close_reason}}


def message_of(scene):
    return scene if isinstance(scene, str) else bytes(i % 251 for i in range(scene["binary"]))


def describe(answer):
    if not isinstance(answer, bytes):
        return answer
    return {"binary": len(answer), "sha256": hashlib.sha256(answer).hexdigest()}


play = {"websockets": play_websockets, "tornado": play_tornado}[sys.argv[1]]
scenes = json.loads(pathlib.Path(__file__).with_name("scenes.json").read_text("utf-8"))
print(json.dumps(asyncio.run(play(sys.argv[2], scenes))))

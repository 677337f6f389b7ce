"""The client of Python's websockets. Usage: python3 python_client.py ws://..."""
import asyncio
import hashlib
import json
import pathlib
import sys

import websockets


async def play(url, scenes):
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


def message_of(scene):
    return scene if isinstance(scene, str) else bytes(i % 251 for i in range(scene["binary"]))


def describe(answer):
    if isinstance(answer, str):
        return answer
    return {"binary": len(answer), "sha256": hashlib.sha256(answer).hexdigest()}


scenes = json.loads(pathlib.Path(__file__).with_name("scenes.json").read_text("utf-8"))
print(json.dumps(asyncio.run(play(sys.argv[1], scenes))))

"""A camera that shows one picture after the other, in place of the one that a browser would ask for."""

from __future__ import annotations

import base64
from typing import Any

_SCRIPT = """
const shown = PICTURES.map((text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)));
window.cameraTracks = [];
navigator.mediaDevices.getUserMedia = async () => {
  const canvas = document.createElement("canvas");
  const pictures = await Promise.all(shown.map((bytes) => createImageBitmap(new Blob([bytes], { type: "image/png" }))));
  canvas.width = Math.max(...pictures.map((picture) => picture.width));
  canvas.height = Math.max(...pictures.map((picture) => picture.height));
  const pen = canvas.getContext("2d");
  let turn = 0;
  const draw = () => {
    pen.fillStyle = "white";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(pictures[Math.floor(turn / 20) % pictures.length], 0, 0);
    turn += 1;
  };
  draw();
  setInterval(draw, 100);
  const stream = canvas.captureStream(10);
  window.cameraTracks.push(...stream.getTracks());
  return stream;
};
"""


def hold_before_camera(page: Any, *pictures: bytes) -> None:
    """From the next page on the camera sees these pictures (PNG), each for two seconds, again and again."""
    texts = [base64.b64encode(picture).decode() for picture in pictures]
    page.add_init_script(f"{{ const PICTURES = {texts!r}; {_SCRIPT} }}")


def camera_is_off(page: Any) -> bool:
    """Whether every track of the camera was stopped."""
    return bool(page.evaluate("window.cameraTracks.every((track) => track.readyState === 'ended')"))

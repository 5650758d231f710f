"""What a proof of work costs: in a browser here, natively, and as it would on an old machine (ADR 0012).

    .venv/bin/python -m docs.tools.proof_cost

A browser's seconds are those of its own PBKDF2 in a worker, as `config/static/proof.js` calls it. The factor of an old
machine is measured with OpenSSL's instructions for SHA-256, vectors and AES switched off: what is left is what a
processor of before 2013 has. Run it on a quiet machine.
"""

import asyncio
import hashlib
import os
import subprocess
import sys
import time

from playwright.async_api import async_playwright

from tests.conftest import chromium_path
from waitingroom.joins.proof_of_work import COST, TRIES

TIMES = 300

PLAIN = "~0x1200020000000000:~0x20000128"
"""OPENSSL_ia32cap without AES-NI, SSSE3 and AVX, and without SHA, AVX2, BMI1 and BMI2."""

MEASURE = """async ([times, cost]) => {
  const work = `onmessage = async ({data: [times, cost]}) => {
    const password = new Uint8Array(20), salt = new Uint8Array(16), began = performance.now();
    for (let counter = 0; counter < times; counter++) {
      password[19] = counter;
      const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
      await crypto.subtle.deriveBits({name: "PBKDF2", hash: "SHA-256", salt, iterations: cost}, key, 256);
    }
    postMessage((performance.now() - began) / times);
  }`;
  const worker = new Worker(URL.createObjectURL(new Blob([work])));
  return await new Promise((done) => { worker.onmessage = ({data}) => done(data); worker.postMessage([times, cost]); });
}"""


def native() -> float:
    """Milliseconds of one try in this process: the best of all, the others were disturbed."""
    took = []
    for counter in range(TIMES):
        began = time.perf_counter()
        hashlib.pbkdf2_hmac("sha256", b"%020d" % counter, bytes(16), COST, 32)
        took.append(time.perf_counter() - began)
    return min(took) * 1000


def elsewhere(**environment: str) -> float:
    """The same in a process with this environment."""
    command = [sys.executable, "-m", "docs.tools.proof_cost", "native"]
    return float(subprocess.check_output(command, env={**os.environ, **environment}, text=True))


async def browser() -> float:
    """Milliseconds of one try in a worker of a browser: the best of three rounds."""
    async with async_playwright() as play:
        chromium = await play.chromium.launch(executable_path=chromium_path(), args=["--no-sandbox"])
        page = await chromium.new_page()
        # A secure context without a server.
        await page.route("**", lambda route: route.fulfill(body="<title>x</title>", content_type="text/html"))
        await page.goto("http://127.0.0.1/")
        found = [float(await page.evaluate(MEASURE, [TIMES, COST])) for _ in range(3)]
        await chromium.close()
    return min(found)


def main() -> None:
    if sys.argv[1:] == ["native"]:
        print(native())
        return
    here, plain, inside = elsewhere(), elsewhere(OPENSSL_ia32cap=PLAIN), asyncio.run(browser())
    old = inside * plain / here * 2
    print(
        f"one try of {COST} iterations: {inside:.2f} ms in a browser here, {here:.2f} ms natively (a check)"
    )
    print(f"natively without newer instructions: {plain:.2f} ms, {plain / here:.1f} times as long")
    print(f"a browser without them at half the clock: {old:.2f} ms a try")
    for name, tries in (
        ("half of all", 0.69),
        ("on average", 1.0),
        ("99 of 100", 4.6),
        ("999 of 1,000", 6.9),
    ):
        print(f"{name}: {tries * TRIES * inside / 1000:.1f} s here, {tries * TRIES * old / 1000:.1f} s there")


if __name__ == "__main__":
    main()

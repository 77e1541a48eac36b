"""terminal.py - the command line at a terminal of its own, as a person uses it."""
import os
import pty
import select
import subprocess
import time

from stack import Failed


class Terminal:
    def __init__(self, stack, *words):
        self.shown = ""
        self.main, self.side = pty.openpty()  # the side stays open to the end: what a closed one still held may be lost
        self.proc = subprocess.Popen([str(stack.bin / "cartage"), *words], env=stack.env, stdin=self.side, stdout=self.side,
                                     stderr=self.side, start_new_session=True)

    def take(self, seconds):
        """What it shows within this time; false = nothing."""
        if not select.select([self.main], [], [], seconds)[0]:
            return False
        self.shown += os.read(self.main, 4096).decode(errors="replace")
        return True

    def until(self, text, seconds=20):
        deadline = time.monotonic() + seconds
        while text not in self.shown:
            over = self.proc.poll() is not None
            if not self.take(0.1) and over:
                raise Failed(f"the command ended before it showed \"{text}\": {self.shown}")
            if time.monotonic() > deadline:
                raise Failed(f"the command did not show \"{text}\" but: {self.shown}")

    def type(self, text):
        os.write(self.main, text.encode())

    def end(self, seconds=20):
        """Its exit code; all that it has said is shown by then."""
        deadline = time.monotonic() + seconds
        while self.proc.poll() is None:
            if time.monotonic() > deadline:
                raise Failed(f"the command did not end: {self.shown}")
            self.take(0.1)
        while self.take(0):
            pass
        os.close(self.side)
        os.close(self.main)
        return self.proc.returncode

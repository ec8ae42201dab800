"""Score penguins, batch after batch, until somebody asks it to stop (SIGTERM).

After each batch a helper tidies up. The worker does not wait for it: it lets a shell start the helper in the background, and
the shell is gone at once. The helper is an orphan then.
"""

import signal
import subprocess
import time

BATCH_SECONDS = 0.3
stopping = False


def stop(*_):
    global stopping
    stopping = True


def score(number):
    """Score one batch of penguins."""
    time.sleep(BATCH_SECONDS)
    print(f"batch {number}: scored", flush=True)


def tidy_up_after(number):
    """Start a helper and forget it."""
    subprocess.run(["sh", "-c", f"(sleep 0.1; echo 'batch {number}: tidied up') &"], check=True)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, stop)
    done = 0
    while not stopping:
        done += 1
        score(done)
        tidy_up_after(done)
    # The batch that was begun is finished. Now there is time for what must not be lost.
    time.sleep(BATCH_SECONDS)
    print(f"{done} batches scored, goodbye", flush=True)

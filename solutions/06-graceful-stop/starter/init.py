"""A first process, as small as it can be: start a program, pass signals on to it, and ask after everything that ends.

    init.py PROGRAM [ARGUMENT...]

It ends when the program does, with the same exit status. tini and dumb-init do this for real.
"""

import os
import signal
import sys


def main(command):
    program = os.spawnvp(os.P_NOWAIT, command[0], command)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda received, _: os.kill(program, received))
    while True:
        ended, status = os.wait()  # the program, or an orphan
        if ended == program:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

#!/bin/sh
# No service starts when its package is installed: a container has no init system.
exit 101

"""Parse, measure, print."""

import sys

from bench.command import main

try:
    code = main(sys.argv[1:])
except KeyboardInterrupt:
    code = 130
sys.exit(code)

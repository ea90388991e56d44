"""Parse, fuzz.

python -m fuzz NAME… [--minutes M] [--work FOLDER]
"""

import argparse
from pathlib import Path

from fuzz.run import main
from fuzz.targets import NAMES

parser = argparse.ArgumentParser(prog="fuzz", description="Fuzz what reads strangers' bytes.")
parser.add_argument("names", nargs="+", choices=NAMES, help="several have each input in common")
parser.add_argument("--minutes", type=float, default=20.0)
parser.add_argument("--work", type=Path, default=Path(".fuzz"), help="for corpus and findings")
given = parser.parse_args()
main(given.names, given.minutes, given.work)

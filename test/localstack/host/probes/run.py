"""`python probes/run.py [TEXT …]`: every probe, or those with a text in their name, one line each; exit code 1 when one fails."""

import importlib
import sys
import time
import traceback
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))


def main():
    from kit import PROBES

    for file in sorted(HERE.glob("probe_*.py")):
        importlib.import_module(file.stem)
    texts = sys.argv[1:] or [""]
    chosen = [p for p in PROBES if any(text in f"{p.__module__}.{p.__name__}" for text in texts)]
    failed = 0
    for p in chosen:
        label = f"{p.__module__.removeprefix('probe_')}.{p.__name__}"
        began = time.time()
        try:
            note = p()
            print(f"pass {label} {time.time() - began:.1f}s {note or ''}".rstrip(), flush=True)
        except Exception as error:
            failed += 1
            where = traceback.extract_tb(error.__traceback__)
            here = next((f for f in reversed(where) if "probe_" in f.filename), where[-1])
            print(f"FAIL {label} {time.time() - began:.1f}s line {here.lineno}: "
                  f"{type(error).__name__} {str(error)[:700]}", flush=True)
    print(f"{len(chosen) - failed} of {len(chosen)} probes pass")
    sys.exit(0 if chosen and not failed else 1)


main()

#!/usr/bin/env python3
"""Makes this checkout importable in its virtual environment and puts `chaguan` on its path.

Done by hand so that nothing has to be built: no build backend is fetched past the hash check.
"""

import compileall
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LAUNCHER = """#!{python}
import sys
from chaguan.config.cli import main

if __name__ == "__main__":
    sys.exit(main())
"""


def main() -> int:
    packages = Path(sysconfig.get_paths()["purelib"])
    (packages / "chaguan.pth").write_text(f"{ROOT}\n", encoding="utf-8")
    launcher = Path(sysconfig.get_paths()["scripts"]) / "chaguan"
    launcher.unlink(missing_ok=True)
    launcher.write_text(LAUNCHER.format(python=sys.executable), encoding="utf-8")
    launcher.chmod(0o755)
    return 0 if compileall.compile_dir(ROOT / "chaguan", quiet=1) else 1


if __name__ == "__main__":
    sys.exit(main())

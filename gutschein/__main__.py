"""``python -m gutschein`` is the command ``gutschein``."""

from gutschein.cli import main

main()

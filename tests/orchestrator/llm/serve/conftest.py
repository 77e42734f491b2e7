"""The test of `transformers serve` is there only where somebody names a Python that has it.

    STICKERDESK_TRANSFORMERS_PYTHON=/path/to/python python -m pytest tests/orchestrator/llm/serve

That Python needs `transformers[serving]` and torch. The model is made on the spot; nothing is downloaded.
"""

from __future__ import annotations

import os

collect_ignore = [] if os.environ.get("STICKERDESK_TRANSFORMERS_PYTHON") else ["test_transformers_serve.py"]

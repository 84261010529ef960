"""The background worker outlives what goes wrong, and stops when told."""

import threading
from pathlib import Path
from unittest.mock import patch

import pytest

from tracker.errors import StoreFailed
from tracker.web.house import household


def test_a_fault_while_measuring_does_not_end_the_measuring(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    opened = household(tmp_path)
    looked = [threading.Event(), threading.Event()]

    def measure(*_: object, **__: object) -> int:
        first = not looked[0].is_set()
        looked[0 if first else 1].set()
        if first:
            raise StoreFailed("planted")
        return 0

    with patch("tracker.work.measure_pending", side_effect=measure):
        opened.start()
        assert looked[0].wait(5)
        while not looked[1].wait(0.05):
            opened.worker.wake()
        opened.close()
    assert "measuring was interrupted" in caplog.text
